import { TinkerError } from "../errors.ts";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** A server's address, checked: the key goes there, and only there. */
export class ServerAddress {
  readonly url: URL;

  /**
   * Throws `TinkerError` of kind `user` for what is no http(s) address, for one that holds a key, and for plain http to
   * another machine unless `allowPlainHttp`, since the key would be readable on the way.
   */
  constructor(text: string, allowPlainHttp = false) {
    if (!URL.canParse(text)) throw fault(text, "is no address; give one like http://127.0.0.1:8000");
    const url = new URL(text);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw fault(url.protocol, "is not http or https");
    if (url.username !== "" || url.password !== "")
      throw fault(url.host, "the address holds a name or password; give the key as apiKey");
    if (url.search !== "" || url.hash !== "") throw fault(url.host, "the address has a query or a fragment");
    if (url.protocol === "http:" && !LOOPBACK.test(url.hostname) && !allowPlainHttp)
      throw fault(
        url.host,
        "plain http would send the key readable over the network; use https, or allowPlainHttp on a network that you trust",
      );
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/`;
    this.url = url;
  }

  /** The address of a route below `/api/v1/`. */
  route(path: string): string {
    return `${this.url.href}api/v1/${path}`;
  }

  /** Where a Location header leads, and whether that is this server. */
  follow(location: string, from: string): { readonly url: URL; readonly same: boolean } {
    if (!URL.canParse(location, from)) throw fault(location, "is no address to be sent to");
    const url = new URL(location, from);
    return { url, same: url.origin === this.url.origin };
  }

  /** Refuses a download address that is not http(s), or that leaves encryption behind. */
  checkDownload(url: URL): void {
    if (url.protocol !== "https:" && url.protocol !== "http:")
      throw fault(url.protocol, "is not http or https");
    if (this.url.protocol === "https:" && url.protocol === "http:")
      throw fault(url.host, "the server leads from https to plain http; nothing was fetched");
  }
}

const fault = (what: string, why: string): TinkerError => new TinkerError("user", `${what}: ${why}`);
