// What the KoShelf API must answer about a counted reading: each question with its answer, by SQL over the tables.
import type Database from 'better-sqlite3';

/** A path below /api/reading and the answer's data as far as it is figures. */
export type Question = { field: string; path: string; answer: unknown };

const SCOPES = { all: 'true', books: "type = 'book'", comics: "type = 'comic'" };
const GROUPINGS = ['total', 'day', 'week', 'month', 'year'] as const;
const METRICS = [
  'reading_time_sec',
  'pages_read',
  'sessions',
  'completions',
  'average_session_duration_sec',
  'longest_session_duration_sec',
  'active_days',
];

/** The key of the period a day lies in; weeks are named by their Monday. */
const KEYS = {
  total: () => "'all-time'",
  day: (day: string) => day,
  week: (day: string) => `date(${day}, 'weekday 0', '-6 days')`,
  month: (day: string) => `substr(${day}, 1, 7)`,
  year: (day: string) => `substr(${day}, 1, 4)`,
};
const BOUNDS = {
  week: ['key', "date(key, '+6 days')"],
  month: ["key || '-01'", "date(key || '-01', '+1 month', '-1 day')"],
  year: ["key || '-01-01'", "key || '-12-31'"],
} as const;

type Row = Record<string, unknown>;

/** Returns all questions about summary, metrics, periods, calendar and completions. `today` is a day of the zone. */
export function questionsOf(
  db: Database.Database,
  { zone, today }: { zone: string; today: string },
): Question[] {
  // SQL names its values ?1 and ?2, which is how the library knows them: by name.
  const rows = (sql: string, ...values: string[]) =>
    db.prepare<unknown[], Row>(sql).all(Object.fromEntries(values.map((value, index) => [index + 1, value])));
  const row = (sql: string, ...values: string[]): Row => rows(sql, ...values)[0] ?? {};
  const tz = `tz=${encodeURIComponent(zone)}`;
  const seen = row('select min(day) as first, max(day) as last from days') as {
    first: string | null;
    last: string | null;
  };
  if (seen.first === null || seen.last === null) return [];
  const whole = [seen.first < today ? seen.first : today, seen.last > today ? seen.last : today] as const;
  const months = rows(
    `with recursive month(key) as (select substr(?1, 1, 7) union all
       select substr(date(key || '-01', '+1 month'), 1, 7) from month where key < substr(?2, 1, 7)) select key from month`,
    ...whole,
  ).map(({ key }) => String(key));
  const years = [...new Set(months.map((month) => month.slice(0, 4)))];
  const questions: Question[] = [];
  const ask = (field: string, path: string, answer: unknown) =>
    questions.push({ field, path: `${path}&${tz}`, answer });

  for (const [scope, ofScope] of Object.entries(SCOPES)) {
    scoped(db, ofScope);
    const bounds = rows('select min(day) as first, max(day) as last from my_days')[0] as typeof seen;
    const range = [
      bounds.first !== null && bounds.first < today ? bounds.first : today,
      bounds.last !== null && bounds.last > today ? bounds.last : today,
    ] as const;
    ask('reading summary', `summary?scope=${scope}`, summary(...range));
    for (const year of years)
      ask(
        'reading summary',
        `summary?scope=${scope}&from=${year}-01-01&to=${year}-12-31`,
        summary(`${year}-01-01`, `${year}-12-31`),
      );
    for (const grouping of GROUPINGS) {
      const points = metrics(grouping, ...whole);
      ask(
        'reading metrics',
        `metrics?scope=${scope}&metric=${METRICS.join()}&group_by=${grouping}&from=${whole[0]}&to=${whole[1]}`,
        { points },
      );
      // A range that cuts a week, a month and a year.
      const cut = [`${years[0]}-02-11`, `${years.at(-1)}-07-23`] as const;
      ask(
        'reading metrics',
        `metrics?scope=${scope}&metric=${METRICS.join()}&group_by=${grouping}&from=${cut[0]}&to=${cut[1]}`,
        { points: metrics(grouping, ...cut) },
      );
    }
    for (const grouping of ['week', 'month', 'year'] as const) {
      const periods = periodsRead(grouping);
      ask('reading periods', `available-periods?scope=${scope}&source=reading_data&group_by=${grouping}`, {
        periods,
        ...latest(periods),
      });
      if (grouping === 'week') continue;
      const finished = periodsFinished(grouping);
      ask('reading periods', `available-periods?scope=${scope}&source=completions&group_by=${grouping}`, {
        periods: finished,
        ...latest(finished),
      });
    }
    for (const month of months)
      ask('reading calendar', `calendar?scope=${scope}&month=${month}`, calendar(month));
    for (const year of years)
      ask('completions', `completions?scope=${scope}&year=${year}&include=summary`, completions(year));
  }
  return questions;

  function summary(from: string, to: string): Row {
    const overview = row(
      `with d as (select * from my_days where day between ?1 and ?2), s as (select * from my_sessions where day between ?1 and ?2),
         f as (select * from my_finished where ended between ?1 and ?2), by_day as (select sum(sec) as sec, sum(pages) as pages from d group by day)
       select (select ifnull(sum(sec), 0) from d) as reading_time_sec, (select ifnull(sum(pages), 0) from d) as pages_read,
         (select count(*) from s) as sessions, (select count(*) from f) as completions,
         (select count(distinct md5) from f) as items_completed,
         (select ifnull(max(sec), 0) from by_day) as longest_reading_time_in_day_sec,
         (select ifnull(max(pages), 0) from by_day) as most_pages_in_day,
         (select sum(sec) / count(*) from s) as average_session_duration_sec, (select max(sec) from s) as longest_session_duration_sec`,
      from, to,
    ); // prettier-ignore
    const runs = streaks(from, to);
    const running = runs.find(({ end_date: end }) => String(end) >= dayBefore(today));
    return {
      range: { from: `${from}T00:00:00Z`, to: `${to}T23:59:59Z`, tz: zone },
      overview: withoutNull(overview),
      streaks: { current: running ?? { days: 0 }, longest: longest(runs) ?? { days: 0 } },
    };
  }

  /** Days in a row have the same distance to their number in the list. */
  function streaks(from: string, to: string): Row[] {
    return rows(
      `with d as (select distinct day from my_days where day between ?1 and ?2),
         numbered as (select day, julianday(day) - row_number() over (order by day) as run from d)
       select count(*) as days, min(day) as start_date, max(day) as end_date from numbered group by run order by end_date desc`,
      from, to,
    ); // prettier-ignore
  }

  function metrics(grouping: (typeof GROUPINGS)[number], from: string, to: string): Row[] {
    const key = KEYS[grouping];
    return rows(
      `with recursive calendar(day) as (select ?1 union all select date(day, '+1 day') from calendar where day < ?2),
         keys as (select distinct ${key('day')} as key from calendar),
         d as (select ${key('day')} as key, sum(sec) as sec, sum(pages) as pages, count(distinct day) as days
           from my_days where day between ?1 and ?2 group by 1),
         s as (select ${key('day')} as key, count(*) as n, sum(sec) / count(*) as average, max(sec) as longest
           from my_sessions where day between ?1 and ?2 group by 1),
         f as (select ${key('ended')} as key, count(*) as n from my_finished where ended between ?1 and ?2 group by 1)
       select key, ifnull(d.sec, 0) as reading_time_sec, ifnull(d.pages, 0) as pages_read, ifnull(s.n, 0) as sessions,
         ifnull(f.n, 0) as completions, ifnull(average, 0) as average_session_duration_sec,
         ifnull(longest, 0) as longest_session_duration_sec, ifnull(d.days, 0) as active_days
       from keys left join d using (key) left join s using (key) left join f using (key) order by key`,
      from, to,
    ); // prettier-ignore
  }

  function periodsRead(grouping: keyof typeof BOUNDS): Row[] {
    const key = KEYS[grouping];
    return rows(
      `with keys as (select ${key('day')} as key from my_days union
           select ${key('ended')} from my_finished where exists (select 1 from my_days)),
         d as (select ${key('day')} as key, sum(sec) as sec, sum(pages) as pages from my_days group by 1)
       select key, ${instants(grouping)}, ifnull(sec, 0) as reading_time_sec, ifnull(pages, 0) as pages_read
       from keys left join d using (key) order by key`,
    );
  }

  function periodsFinished(grouping: 'month' | 'year'): Row[] {
    return rows(
      `with f as (select ${KEYS[grouping]('ended')} as key, count(*) as n from my_finished group by 1)
       select key, ${instants(grouping)}, n as completions from f order by key`,
    );
  }

  function calendar(month: string): Row {
    const events = rows(
      `with numbered as (select *, julianday(day) - row_number() over (partition by md5 order by day) as run from my_days),
         runs as (select md5, min(day) as first, max(day) as last, sum(sec) as sec, sum(pages) as pages
           from numbered group by md5, run)
       select md5 as item_ref, sec as reading_time_sec, pages as pages_read,
         (select strftime('%Y-%m-%dT%H:%M:%SZ', min(began), 'unixepoch') from my_sessions s
           where s.md5 = r.md5 and day between first and last) as start,
         (select strftime('%Y-%m-%dT%H:%M:%SZ', max(ended), 'unixepoch') from my_sessions s
           where s.md5 = r.md5 and day between first and last) as end
       from runs r where first <= ?1 || '-31' and last >= ?1 || '-01' order by item_ref, start`,
      month,
    );
    const stats = Object.entries(SCOPES).map(([scope, ofScope]) => [
      scope,
      row(
        `select count(distinct md5) as items_read, ifnull(sum(d.pages), 0) as pages_read, ifnull(sum(sec), 0) as reading_time_sec,
           cast(100.0 * count(distinct day) / cast(substr(date(?1 || '-01', '+1 month', '-1 day'), 9) as integer) + 0.5 as integer)
             as active_days_percentage
         from days d join books using (md5) where substr(day, 1, 7) = ?1 and ${ofScope}`,
        month,
      ),
    ]);
    return { month, events, stats_by_scope: Object.fromEntries(stats) };
  }

  function completions(year: string): Row {
    const items = rows(
      `select began as start_date, ended as end_date, sec as reading_time_sec, sessions as session_count, pages as pages_read,
         cast(julianday(ended) - julianday(began) as integer) + 1 as calendar_length_days, sec / sessions as average_session_duration_sec
       from my_finished where substr(ended, 1, 4) = ?1 order by ended desc, began, sec`,
      year,
    );
    const groups = [...Map.groupBy(items, ({ end_date: end }) => String(end).slice(0, 7))]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, finished]) => ({
        key,
        items_finished: finished.length,
        reading_time_sec: row(
          'select ifnull(sum(sec), 0) as sec from my_days where substr(day, 1, 7) = ?1',
          key,
        ).sec,
        items: finished,
      }));
    const [best] = rows(
      `select substr(ended, 1, 7) as month from my_finished where substr(ended, 1, 4) = ?1 group by 1 order by count(*) desc, 1`,
      year,
    );
    const figures = row(
      `select (select count(*) from my_finished where substr(ended, 1, 4) = ?1) as total_items,
         ifnull(sum(sec), 0) as total_reading_time_sec, count(distinct day) as active_days,
         (select ifnull(max(sec), 0) from my_sessions where substr(day, 1, 4) = ?1) as longest_session_duration_sec,
         (select ifnull(sum(sec) / count(*), 0) from my_sessions where substr(day, 1, 4) = ?1) as average_session_duration_sec,
         cast(100.0 * count(distinct day) / (julianday(?1 || '-12-31') - julianday(?1 || '-01-01') + 1) + 0.5 as integer)
           as active_days_percentage
       from my_days where substr(day, 1, 4) = ?1`,
      year,
    );
    return {
      groups,
      summary: {
        ...figures,
        longest_streak_days: longest(streaks(`${year}-01-01`, `${year}-12-31`))?.days ?? 0,
        ...(best === undefined ? {} : { best_month: best.month }),
      },
    };
  }
}

/** Of the streaks, newest first, the longest; of equal ones the newest. */
const longest = (runs: Row[]): Row | undefined => {
  const days = Math.max(...runs.map((run) => Number(run.days)));
  return runs.find((run) => run.days === days);
};

const instants = (grouping: keyof typeof BOUNDS) =>
  `${BOUNDS[grouping][0]} || 'T00:00:00Z' as start_date, ${BOUNDS[grouping][1]} || 'T23:59:59Z' as end_date`;

const latest = (periods: Row[]) => (periods.length === 0 ? {} : { latest_key: periods.at(-1)?.key });

const withoutNull = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

const dayBefore = (day: string): string => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);

/** The tables of one scope under names of their own. */
function scoped(db: Database.Database, ofScope: string): void {
  for (const table of ['days', 'sessions', 'finished']) {
    db.exec(`drop view if exists my_${table}; create temp view my_${table} as
      select t.* from ${table} t join books using (md5) where ${ofScope}`);
  }
}
