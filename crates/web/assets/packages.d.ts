// What the pages use of packages, where the compiler finds no types of theirs.

declare module "des.js" {
  interface Options {
    type: "encrypt" | "decrypt";
    key: ArrayLike<number>;
    iv: ArrayLike<number>;
    padding?: boolean;
  }
  interface Cipher {
    update(data: ArrayLike<number>): number[];
    final(): number[];
  }
  const des: { EDE: unknown; CBC: { instantiate(base: unknown): { create(options: Options): Cipher } } };
  export default des;
}

declare module "qr/decode.js" {
  export function decodeQR(
    picture: { data: Uint8ClampedArray; width: number; height: number },
    options?: {
      effort?: number;
      timeLimit?: number;
      pointsOnDetect?: (points: Record<string, { x: number; y: number }>) => void;
    },
  ): string;
}
