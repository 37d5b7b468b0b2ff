// What the pages use of packages that bring no types of their own.

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

declare module "jsqr" {
  export default function jsQR(
    data: Uint8ClampedArray,
    width: number,
    height: number,
    options?: { inversionAttempts: "dontInvert" },
  ): { data: string; location: Record<string, { x: number; y: number } | undefined> } | null;
}
