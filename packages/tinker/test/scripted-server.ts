import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** A request as a scripted server heard it. */
export interface Heard {
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the fields that it sent
  readonly json: any;
}

/** What a script answers: JSON of status 200, or status, body and headers; "drop" cuts the connection. */
export type Answer =
  | "drop"
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly bytes?: Uint8Array;
      readonly headers?: Record<string, string>;
      readonly afterMs?: number;
      /** Called when the answer goes out. */
      readonly onSend?: () => void;
    };

/** Answers by route below /api/v1; what is missing is 404, as servers without an endpoint answer. */
export type Script = Readonly<Record<string, (heard: Heard, count: number) => Answer>>;

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server on a free port that answers as scripted; closed after the test. A session is there unless the script has one. */
export async function scriptedServer(
  script: Script,
): Promise<{ readonly url: string; readonly heard: readonly Heard[] }> {
  const whole: Script = { create_session: () => ({ json: { session_id: "s" } }), ...script };
  const heard: Heard[] = [];
  const counts = new Map<string, number>();
  const server = createServer((from, to) => {
    const parts: Buffer[] = [];
    from.on("data", (part: Buffer) => parts.push(part));
    from.on("end", async () => {
      const route = (from.url ?? "").replace("/api/v1/", "").replace(/\?.*/, "");
      const bytes = Buffer.concat(parts);
      const isJson = from.headers["content-type"] === "application/json";
      const request = {
        route,
        headers: from.headers,
        bytes,
        json: isJson ? JSON.parse(bytes.toString()) : undefined,
      };
      heard.push(request);
      const count = counts.get(route) ?? 0;
      counts.set(route, count + 1);
      const answer = whole[route]?.(request, count) ?? { status: 404, json: { detail: "Not Found" } };
      if (answer === "drop") return from.socket.destroy();
      if (answer.afterMs) await new Promise((resolve) => setTimeout(resolve, answer.afterMs));
      answer.onSend?.();
      to.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
      to.end(answer.bytes ?? (answer.json === undefined ? "" : JSON.stringify(answer.json)));
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
