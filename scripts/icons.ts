// Draws the PNG icons of resources/icons from their SVG drawings. Run it after a drawing changed.
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './build-stamp.ts';

const drawings = [
  { drawing: 'tray.svg', image: 'tray.png', pixels: 16 },
  { drawing: 'tray.svg', image: 'tray@2x.png', pixels: 32 },
  { drawing: 'tray-template.svg', image: 'trayTemplate.png', pixels: 16 },
  { drawing: 'tray-template.svg', image: 'trayTemplate@2x.png', pixels: 32 },
  { drawing: 'icon.svg', image: 'icon.png', pixels: 512 },
];

for (const { drawing, image, pixels } of drawings) {
  const from = join(root, 'resources/icons', drawing);
  // Density so high that the drawing is scaled down, never up.
  await sharp(from, { density: 1200 })
    .resize(pixels, pixels)
    .png({ compressionLevel: 9, palette: true })
    .toFile(join(root, 'resources/icons', image));
}
