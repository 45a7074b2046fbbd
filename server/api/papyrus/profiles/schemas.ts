// Schemas of reading profiles (papyrus.md "Reading profiles").
import { z } from 'zod';
import { Instant, papyrus, requiredText, unless, Uuid } from '../shared-schemas.ts';
import { Colour } from '../shelves/schemas.ts';

const TextAlign = z.enum(['left', 'right', 'center', 'justify']).register(papyrus, { id: 'TextAlign' });
const ThemeMode = z.enum(['light', 'dark', 'sepia', 'custom']).register(papyrus, { id: 'ThemeMode' });
const ReadingMode = z.enum(['paginated', 'continuous']).register(papyrus, { id: 'ReadingMode' });

const look = {
  font_family: requiredText(100),
  font_size: z.int().min(8).max(72).describe('Points.'),
  font_weight: z.int().min(100).max(900),
  line_height: z.number().gt(0).max(100),
  letter_spacing: z.number().min(-100).max(100),
  paragraph_spacing: z.number().min(0).max(100),
  text_align: TextAlign,
  margin_horizontal: z.int().min(0).max(10_000),
  margin_vertical: z.int().min(0).max(10_000),
  background_color: Colour,
  text_color: Colour,
  link_color: Colour,
  selection_color: Colour,
  theme_mode: ThemeMode,
  reading_mode: ReadingMode,
  page_turn_animation: z.boolean(),
  column_count: z.int().min(1).max(3),
  hyphenation: z.boolean(),
};

/** How a page looks until somebody says otherwise; what a profile does not say is taken from here. */
export const Appearance = z.object({
  font_family: unless(look.font_family, 'Georgia'),
  font_size: unless(look.font_size, 16),
  font_weight: unless(look.font_weight, 400),
  line_height: unless(look.line_height, 1.5),
  letter_spacing: unless(look.letter_spacing, 0),
  paragraph_spacing: unless(look.paragraph_spacing, 1),
  text_align: unless(look.text_align, 'left'),
  margin_horizontal: unless(look.margin_horizontal, 20),
  margin_vertical: unless(look.margin_vertical, 20),
  background_color: unless(look.background_color, '#FFFFFF'),
  text_color: unless(look.text_color, '#000000'),
  link_color: unless(look.link_color, '#0066CC'),
  selection_color: unless(look.selection_color, '#B3D4FC'),
  theme_mode: unless(look.theme_mode, 'light'),
  reading_mode: unless(look.reading_mode, 'paginated'),
  page_turn_animation: unless(look.page_turn_animation, true),
  column_count: unless(look.column_count, 1),
  hyphenation: unless(look.hyphenation, true),
});

export const ReadingProfile = z
  .object({
    profile_id: Uuid,
    name: z.string(),
    is_default: z.boolean().describe('Exactly one profile is.'),
    ...look,
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'ReadingProfile' });

export const ReadingProfileList = z
  .object({ profiles: z.array(ReadingProfile) })
  .register(papyrus, { id: 'ReadingProfileList' });

export const ProfileParams = z.object({ profile_id: Uuid });

export const CreateReadingProfileRequest = z
  .object({ name: requiredText(100), is_default: unless(z.boolean(), false), ...Appearance.shape })
  .register(papyrus, { id: 'CreateReadingProfileRequest' });

export const UpdateReadingProfileRequest = z
  .object({ name: requiredText(100), ...look })
  .partial()
  .register(papyrus, { id: 'UpdateReadingProfileRequest' });

export type ReadingProfile = z.infer<typeof ReadingProfile>;
