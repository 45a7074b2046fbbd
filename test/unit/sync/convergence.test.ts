// Three devices that work apart, tell late, twice and in any order, hold the same library in the end.
import type { Data, PushedChange, Words } from '../../../server/sync/settling.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptChange, acceptNew } from '../../../server/api/papyrus/sync/accept.ts';
import { presentThing } from '../../../server/api/papyrus/sync/present.ts';
import { rulesOf } from '../../../server/reading/rules.ts';
import type { Change, PulledPart } from '../../../server/sync/pull.ts';
import { pruneDiaryWork } from '../../../server/sync/prune.ts';
import { createSync } from '../../../server/sync/sync.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';

const ORIGIN = 'http://shelf';
const words: Words = {
  asNew: acceptNew,
  asChange: (type, data, stored) =>
    acceptChange(type, data, { stored, show: (thing) => presentThing(thing, ORIGIN) }),
  present: (thing) => presentThing(thing, ORIGIN),
};
const idOf = (kind: number, index: number) =>
  `00000000-0000-7000-9${kind}00-${index.toString(16).padStart(12, '0')}`;
const BOOKS = [0, 1, 2].map((index) => idOf(1, index));
const TAGS = [0, 1, 2].map((index) => idOf(2, index));
const MARKS = ['annotation', 'note', 'bookmark'] as const;

type Step =
  | { do: 'book'; book: number; title: string }
  | { do: 'edit'; book: number; field: 'title' | 'rating' | 'publisher' | 'is_favorite'; value: number }
  | { do: 'read'; book: number; part: number }
  | { do: 'tags'; book: number; tags: number[] }
  | { do: 'tag'; tag: number; name: number }
  | { do: 'mark'; kind: number; mark: number; book: number }
  | { do: 'remark'; kind: number; mark: number; text: string }
  | { do: 'remove'; what: 'book' | 'tag' | 'mark'; kind: number; index: number }
  | { do: 'push'; order: number }
  | { do: 'again' }
  | { do: 'pull' }
  | { do: 'prune' };

const small = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('book' as const), book: small, title: fc.constantFrom('A', 'B') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), book: small, field: fc.constantFrom('title' as const, 'rating' as const, 'publisher' as const, 'is_favorite' as const), value: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), book: small, part: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tags' as const), book: small, tags: fc.uniqueArray(small) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tag' as const), tag: small, name: small }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mark' as const), kind: small, mark: fc.nat({ max: 4 }), book: small }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remark' as const), kind: small, mark: fc.nat({ max: 4 }), text: fc.constantFrom('x', 'y', 'z') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), what: fc.constantFrom('book' as const, 'tag' as const, 'mark' as const), kind: small, index: small }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), order: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'again' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'pull' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'prune' as const }) },
); // prettier-ignore
const history = fc.array(
  fc.record({ device: small, step, minutes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600 })) }),
  {
    minLength: 5,
    maxLength: 60,
  },
);

/** A device: what it believes, what it has not told yet, and a clock of its own. */
class Device {
  readonly held = new Map<string, { version: number; data: Data }>();
  readonly removed = new Set<string>();
  readonly made = new Map<string, string | undefined>();
  outbox: PushedChange[][] = [];
  private batch: PushedChange[] = [];
  private sent: PushedChange[][] = [];
  private since = new Date(0);
  readonly name: string;
  readonly skewMs: number;

  constructor(name: string, skewMs: number) {
    this.name = name;
    this.skewMs = skewMs;
  }

  say(operation: PushedChange['operation'], type: string, id: string, data: Data, now: Date): void {
    const key = `${type} ${id}`;
    const known = this.held.get(key);
    if (operation === 'create' && known !== undefined) return;
    if (operation !== 'create' && known === undefined) return;
    if (operation === 'delete') {
      this.held.delete(key);
      this.removed.add(key);
    } else {
      this.held.set(key, { version: known?.version ?? 0, data: { ...known?.data, ...data } });
      if (operation === 'create') this.made.set(key, data.book_id as string | undefined);
    }
    const version = known === undefined || known.version === 0 ? undefined : known.version;
    this.batch.push({ entityType: type, entityId: id, operation, data, saidAt: new Date(now.getTime() + this.skewMs), version }); // prettier-ignore
  }

  /** Closes what was said since into a batch, and tells one of those that wait. */
  push(sync: ReturnType<typeof createSync>, ownerId: string, order: number): void {
    if (this.batch.length > 0) this.outbox.push(this.batch.splice(0));
    const [batch] = this.outbox.splice(order % Math.max(1, this.outbox.length), 1);
    if (batch !== undefined) this.tell(sync, ownerId, batch);
  }

  again(sync: ReturnType<typeof createSync>, ownerId: string): void {
    const batch = this.sent.at(-1);
    if (batch !== undefined) this.tell(sync, ownerId, batch);
  }

  /** What came too early for what it names is told again later. */
  private tell(sync: ReturnType<typeof createSync>, ownerId: string, batch: PushedChange[]): void {
    this.sent.push(batch);
    const answer = sync.push({ ownerId, deviceId: this.name, strategy: 'latest_wins', words }, batch);
    if ('conflicts' in answer) throw new Error('nobody asked to decide');
    const early = batch.filter(({ entityId }) =>
      answer.rejected.some(
        (each) => each.entityId === entityId && each.reason.startsWith('There is no such'),
      ),
    );
    if (early.length > 0 && this.outbox.length > 0) this.outbox.push(early);
  }

  pull(sync: ReturnType<typeof createSync>, ownerId: string): void {
    for (let more = true; more;) {
      const { changes, upTo, hasMore } = whole(
        sync.pull({ ownerId, deviceId: this.name, since: this.since, limit: 2 }),
      );
      for (const { entityType, entityId, operation, thing, version } of changes) {
        const key = `${entityType} ${entityId}`;
        if (operation === 'delete' || thing === undefined) this.held.delete(key);
        else this.held.set(key, { version, data: presentThing(thing, ORIGIN) });
      }
      this.since = upTo;
      more = hasMore;
    }
  }
}

/** All parts of a pull as one. */
function whole(parts: Iterable<PulledPart>) {
  const all = [...parts];
  const end = all.at(-1)?.end;
  if (end === undefined) throw new Error('a pull without an end');
  return { changes: all.flatMap(({ changes }) => changes), ...end };
}

function take(device: Device, each: Step, now: Date, serial: () => number): void {
  switch (each.do) {
    case 'book':
      return device.say('create', 'book', BOOKS[each.book]!, { title: each.title, author: 'A' }, now);
    case 'edit': {
      const { field, value } = each;
      const said = field === 'rating' ? value : field === 'is_favorite' ? value > 2 : `${field} ${value}`;
      return device.say('update', 'book', BOOKS[each.book]!, { [field]: said }, now);
    }
    case 'read':
      return device.say('update', 'book', BOOKS[each.book]!, { current_position: each.part / 10 }, now);
    case 'tags':
      return device.say('update', 'book', BOOKS[each.book]!, { tag_ids: each.tags.map((tag) => TAGS[tag]!).filter((id) => device.held.has(`tag ${id}`)) }, now); // prettier-ignore
    case 'tag':
      return device.say(
        'create',
        'tag',
        TAGS[each.tag]!,
        { name: `tag ${each.name}`, color: '#000000' },
        now,
      );
    case 'mark': {
      const book = BOOKS[each.book]!;
      if (!device.held.has(`book ${book}`)) return;
      const kind = MARKS[each.kind]!;
      const data = {
        annotation: { selected_text: 't', start_position: 'a', end_position: 'b' },
        note: { title: 'n', content: 'c' },
        bookmark: { position: '1' },
      }[kind];
      // Every device makes marks of its own.
      return device.say('create', kind, idOf(3, serial()), { ...data, book_id: book }, now);
    }
    case 'remark': {
      const kind = MARKS[each.kind]!;
      const key = [...device.held.keys()].filter((held) => held.startsWith(`${kind} `))[each.mark];
      if (key === undefined) return;
      return device.say('update', kind, key.slice(kind.length + 1), kind === 'note' ? { content: each.text } : { note: each.text }, now); // prettier-ignore
    }
    case 'remove': {
      const type = each.what === 'mark' ? MARKS[each.kind]! : each.what;
      const key = [...device.held.keys()].filter((held) => held.startsWith(`${type} `))[each.index];
      if (key !== undefined) device.say('delete', type, key.slice(type.length + 1), {}, now);
      return;
    }
    case 'push':
    case 'again':
    case 'pull':
    case 'prune':
  }
}

const libraryOf = ({ changes }: { changes: Change[] }) =>
  Object.fromEntries(
    changes
      .filter(({ operation }) => operation !== 'delete')
      .map(({ entityType, entityId, thing, version }) => [
        `${entityType} ${entityId}`,
        { version, data: presentThing(thing!, ORIGIN) },
      ]),
  );

const prune = ({ catalogue, clock, ownerId }: Shelf): Promise<void> =>
  pruneDiaryWork({ catalogue, clock }).run({
    jobId: '',
    ownerId,
    payload: {},
    signal: new AbortController().signal,
    progress: () => {},
  });

describe('devices that work apart', () => {
  it('hold the same in the end, and no mark is lost that nobody deleted', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: -120, max: 240 }), { minLength: 3, maxLength: 3 }),
        async (steps, skews) => {
          const shelf = openShelf();
          const { ownerId, clock, catalogue } = shelf;
          const sync = createSync({
            catalogue,
            clock,
            rules: rulesOf({ zone: 'UTC' }, clock),
            claim: () => ({ check: () => {}, give: () => {} }),
          });
          const devices = skews.map((minutes, index) => new Device(`device ${index}`, minutes * 60_000));
          let made = 0;
          for (const { device: index, step: each, minutes } of steps) {
            const device = devices[index]!;
            clock.forward({ minutes });
            if (each.do === 'push') device.push(sync, ownerId, each.order);
            else if (each.do === 'again') device.again(sync, ownerId);
            else if (each.do === 'pull') device.pull(sync, ownerId);
            else if (each.do === 'prune') await prune(shelf);
            else take(device, each, clock.now(), () => (made += 1));
          }
          clock.forward({ minutes: 1 });
          for (let round = 0; round < 4; round += 1)
            for (const device of devices) {
              for (let left = device.outbox.length + 1; left > 0; left -= 1) device.push(sync, ownerId, left);
            }
          for (const device of devices) device.pull(sync, ownerId);

          const library = libraryOf(
            whole(sync.pull({ ownerId, deviceId: 'new', since: new Date(0), limit: 10_000 })),
          );
          for (const device of devices) expect(Object.fromEntries(device.held)).toEqual(library);
          const isRemoved = (key: string) => devices.some(({ removed }) => removed.has(key));
          for (const { made: marks } of devices)
            for (const [key, book] of marks)
              if (book !== undefined && !isRemoved(key) && !isRemoved(`book ${book}`))
                expect(library).toHaveProperty([key]);

          clock.forward({ days: 60 });
          for (const device of devices) device.pull(sync, ownerId);
          clock.forward({ days: 40 });
          await prune(shelf);
          const late = new Device('late', 0);
          for (const device of [...devices, late]) {
            device.pull(sync, ownerId);
            expect(Object.fromEntries(device.held)).toEqual(library);
          }
          const { changes } = whole(
            sync.pull({ ownerId, deviceId: 'new', since: new Date(0), limit: 10_000 }),
          );
          expect(changes.filter(({ operation }) => operation === 'delete')).toEqual([]);
          catalogue.close();
        },
      ),
      { numRuns: 40, seed: 20_260_314 },
    );
  }, 120_000);
});
