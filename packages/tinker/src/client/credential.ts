/** Headers that show who calls. The key is never part of an error, an event or a journal. */
export interface Credential {
  headers(): Promise<Readonly<Record<string, string>>>;
  /** A text of the server without the key, should it quote it. */
  redact(text: string): string;
}

const without = (secret: string | undefined, text: string): string =>
  secret ? text.replaceAll(secret, "[key]") : text;

/** A fixed key, or none. */
export function keyCredential(key: string | undefined): Credential {
  const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
  return { headers: () => Promise.resolve(headers), redact: (text) => without(key, text) };
}

/** Renewed when less than this is left of a token, in ms. */
const RENEW_BEFORE = 300_000;

/** A key that was exchanged for a short-lived token, which is renewed in time. */
export class TokenCredential implements Credential {
  readonly #exchange: () => Promise<string>;
  readonly #key: Credential;
  #token: string | undefined;
  #renewal: Promise<void> | undefined;
  #notBefore = 0;

  /** `exchange` asks the server for a token, with the key. */
  constructor(key: Credential, exchange: () => Promise<string>) {
    this.#key = key;
    this.#exchange = exchange;
  }

  redact(text: string): string {
    return without(this.#token, this.#key.redact(text));
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const left = this.#token === undefined ? 0 : expiry(this.#token) - Date.now();
    if (left < RENEW_BEFORE && Date.now() >= this.#notBefore) {
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = undefined;
      });
      // A token that is still good is used while the next one is fetched.
      if (left <= 60_000) await this.#renewal;
      else
        this.#renewal.catch(() => {
          this.#notBefore = Date.now() + 60_000;
        });
    }
    return this.#token === undefined ? {} : { "x-api-key": this.#token };
  }

  async #renew(): Promise<void> {
    this.#token = await this.#exchange();
  }
}

/** When a JWT ends, in ms since 1970; never for a token that does not say. */
function expiry(token: string): number {
  try {
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      exp?: number;
    };
    if (typeof payload.exp === "number") return payload.exp * 1000;
  } catch {
    // Not a JWT: the server alone knows when it ends.
  }
  return Number.POSITIVE_INFINITY;
}
