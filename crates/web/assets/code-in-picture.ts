// The code of a receta in a picture: a photo of the paper, a scan of the sheet, a frame of the camera.

import { decodeQR } from "qr/decode.js";
import { PREFIX } from "./receta-code";

/** A photo is looked at in these sizes, the longer side in pixels: the reader sees in one what it misses in another. */
const SIZES = [3300, 2200, 1600, 1100];
/** How long it looks at one of them before the next is tried, in milliseconds. */
const PHOTO_MS = 2000;

interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

/** Pixels as a canvas has them. */
export type Picture = Pick<ImageData, "data" | "width" | "height">;

/** The text of the code in a photo or a scan. */
export async function codeInPhoto(file: File): Promise<string> {
  const bitmap = await createImageBitmap(file);
  const longer = Math.max(bitmap.width, bitmap.height);
  // What is smaller than a size is not looked at again in it.
  const sizes = SIZES.filter((size, place) => place === 0 || size < longer);
  for (const size of sizes) {
    const text = await codeIn(scaled(bitmap, size), PHOTO_MS);
    if (text) return text;
  }
  throw new Error("No se ve ningún código en la foto. Acérquese, con buena luz y el papel plano");
}

function scaled(bitmap: ImageBitmap, size: number): ImageData {
  const scale = Math.min(1, size / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("Este navegador no puede leer la foto");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The browser's own reader of codes, where it has one. */
function detector(): Detector | undefined {
  const kind = (globalThis as { BarcodeDetector?: new (options: { formats: string[] }) => Detector }).BarcodeDetector;
  try {
    return kind && new kind({ formats: ["qr_code"] });
  } catch {
    return undefined;
  }
}

/** The code of a receta in a picture, looked for during about so long; a sheet may have a smaller code, too, which only names it. */
export async function codeIn(picture: ImageData, milliseconds: number): Promise<string | undefined> {
  const own = await detector()
    ?.detect(picture)
    .catch(() => []);
  return own?.find(({ rawValue }) => rawValue.startsWith(PREFIX))?.rawValue ?? readCode(picture, milliseconds);
}

/** The same without the browser's help. What is found and is another code is painted over in the picture. */
export function readCode(picture: Picture, milliseconds: number): string | undefined {
  for (let turn = 0; turn < 3; turn++) {
    let corners: { x: number; y: number }[] = [];
    let text: string;
    try {
      text = decodeQR(picture, {
        effort: Number.POSITIVE_INFINITY,
        timeLimit: milliseconds,
        pointsOnDetect: (points) => (corners = Object.values(points)),
      });
    } catch {
      return undefined; // It says so this way that there is none.
    }
    if (text.startsWith(PREFIX)) return text;
    paintOver(picture, corners);
  }
  return undefined;
}

function paintOver({ data, width, height }: Picture, corners: { x: number; y: number }[]): void {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
  const [left, right] = [within(Math.min(...xs), width), within(Math.max(...xs), width)];
  for (let y = within(Math.min(...ys), height); y < within(Math.max(...ys), height); y++) {
    data.fill(255, 4 * (y * width + left), 4 * (y * width + right));
  }
}
