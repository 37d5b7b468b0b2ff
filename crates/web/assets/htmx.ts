// The little of htmx that is used, typed.

export interface Htmx {
  ajax(verb: string, path: string, context: Record<string, unknown>): Promise<void>;
}

/** htmx, when it has loaded. */
export function htmx(): Htmx | undefined {
  return (window as unknown as { htmx?: Htmx }).htmx;
}
