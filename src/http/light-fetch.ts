// What ky uses of the Fetch standard to send one text and to be told a status. In the bundle these stand in the place
// of Node's own (deploy/stand-ins.ts), whose module takes half as long to load as Node to start, and 4 MB: it brings an
// HTTP client of its own along, and requests here go through `transport`.

/** Names in lower case, one value each. */
export class LightHeaders extends Map<string, string> {
  constructor(init: LightHeaders | Readonly<Record<string, string>> = {}) {
    super();
    for (const [name, value] of init instanceof Map ? init : Object.entries(init)) this.set(name, value);
  }

  override get(name: string): string | undefined {
    return super.get(name.toLowerCase());
  }

  override set(name: string, value: string): this {
    return super.set(name.toLowerCase(), value);
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }

  override delete(name: string): boolean {
    return super.delete(name.toLowerCase());
  }
}

/** What a request is made of. */
interface RequestParts {
  readonly method?: string;
  readonly headers?: LightHeaders | Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A request whose body is text. Its clone is itself: good for one sending without hooks, as ky is used here. */
export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: LightHeaders;
  readonly signal: AbortSignal | undefined;
  /** No stream that would have to be ended. */
  readonly body = null;
  readonly #text: string;

  /** @throws TypeError when the address is none. */
  constructor(url: string, { method = "GET", headers, body = "", signal }: RequestParts = {}) {
    this.url = new URL(url).href;
    this.method = method.toUpperCase();
    this.headers = new LightHeaders(headers);
    this.signal = signal;
    this.#text = body;
  }

  clone(): LightRequest {
    return this;
  }

  async text(): Promise<string> {
    return this.#text;
  }
}

/** An answer whose body somebody else has. */
export class LightResponse {
  readonly body = null;
  readonly status: number;
  readonly ok: boolean;

  constructor(_body: null, { status }: { readonly status: number }) {
    this.status = status;
    this.ok = status >= 200 && status < 300;
  }
}
