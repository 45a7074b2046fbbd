// Reading profiles out, in the Papyrus contract's words.
import type { ProfileRow } from '../../../reading/profiles.queries.ts';
import { Appearance } from './schemas.ts';
import type { ReadingProfile } from './schemas.ts';

/** Returns the profile; what it does not say of itself is as in a fresh one. */
export function presentProfile(profile: ProfileRow): ReadingProfile {
  const look = Appearance.parse(profile.appearance);
  return {
    profile_id: profile.profileId,
    name: profile.name,
    is_default: profile.isDefault,
    font_family: look.font_family,
    font_size: look.font_size,
    font_weight: look.font_weight,
    line_height: look.line_height,
    letter_spacing: look.letter_spacing,
    paragraph_spacing: look.paragraph_spacing,
    text_align: look.text_align,
    margin_horizontal: look.margin_horizontal,
    margin_vertical: look.margin_vertical,
    background_color: look.background_color,
    text_color: look.text_color,
    link_color: look.link_color,
    selection_color: look.selection_color,
    theme_mode: look.theme_mode,
    reading_mode: look.reading_mode,
    page_turn_animation: look.page_turn_animation,
    column_count: look.column_count,
    hyphenation: look.hyphenation,
    created_at: profile.createdAt.toISOString(),
    updated_at: profile.updatedAt.toISOString(),
  };
}
