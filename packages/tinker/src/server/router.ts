import type { Exchange, Reply } from "./exchange.ts";
import { HttpFault } from "./http-fault.ts";

type Handler = (exchange: Exchange) => Promise<Reply> | Reply;

/** One route: `GET /api/v1/sessions/:id`. */
export interface Route {
  readonly method: string;
  /** Segments; one that begins with a colon takes any value under that name. */
  readonly segments: readonly string[];
  readonly handler: Handler;
  /** Answered without a key. */
  readonly open: boolean;
}

/** A route from its usual spelling, for instance `route("POST /api/v1/asample", handler)`. */
export function route(spelling: string, handler: Handler, options: { readonly open?: boolean } = {}): Route {
  const [method, path] = spelling.split(" ") as [string, string];
  return { method, segments: path.split("/").slice(1), handler, open: options.open ?? false };
}

/** The route of a request and the values of its named segments. Throws `HttpFault` 404, or 405 with the methods that are there. */
export function findRoute(
  routes: readonly Route[],
  { method, path }: Pick<Exchange, "method" | "path">,
): { readonly route: Route; readonly parameters: Readonly<Record<string, string>> } {
  const there = routes.flatMap((candidate) => {
    const parameters = matched(candidate.segments, path);
    return parameters ? [{ route: candidate, parameters }] : [];
  });
  const found = there.find(({ route: { method: allowed } }) => allowed === method);
  if (found) return found;
  if (there.length === 0) throw new HttpFault(404, `there is no /${path.join("/")} here`);
  const allow = there.map(({ route: { method: allowed } }) => allowed).join(", ");
  throw new HttpFault(405, `/${path.join("/")} takes ${allow}, not ${method}`, { allow });
}

function matched(segments: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== path.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    if (segment.startsWith(":")) parameters[segment.slice(1)] = path[i]!;
    else if (segment !== path[i]) return undefined;
  }
  return parameters;
}
