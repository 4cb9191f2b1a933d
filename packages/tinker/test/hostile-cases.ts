import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { ServiceClient, TinkerError } from "../src/index.ts";
import { type TarEntry, tarBytes } from "./tar-bytes.ts";

const KEY = "tml-secret-of-this-test";

type Handler = (path: string, to: ServerResponse, from: IncomingMessage) => void;

/** One way in which a server can be hostile, what the client is asked, and what it must say. */
export interface HostileCase {
  readonly name: string;
  /** Answers where the well-behaved server would; false leaves the request to that one. */
  readonly serve: (path: string, to: ServerResponse, elsewhere: string) => boolean;
  readonly act: (client: ServiceClient, folder: string) => Promise<unknown>;
  readonly says: RegExp;
}

const json = (to: ServerResponse, value: unknown, status = 200): true => {
  to.writeHead(status, { "content-type": "application/json" });
  to.end(JSON.stringify(value));
  return true;
};
const bytes = (to: ServerResponse, body: Uint8Array, headers: Record<string, string>): true => {
  to.writeHead(200, headers);
  to.end(body);
  return true;
};
const redirect = (to: ServerResponse, location: string): true => {
  to.writeHead(302, { location });
  to.end();
  return true;
};

const sample = async (client: ServiceClient) => {
  const sampler = await client.createSampler({ baseModel: "m" });
  return sampler.sample([1], { maxTokens: 1 }).result;
};
const create = (client: ServiceClient) => client.createModel({ baseModel: "m" });
const download = (client: ServiceClient, folder: string) =>
  client.checkpoints.download("tinker://run/sampler_weights/a", folder);

const result = (name: string, answer: (to: ServerResponse) => true, says: RegExp): HostileCase => ({
  name,
  serve: (path, to) => path === "retrieve_future" && answer(to),
  act: sample,
  says,
});
/** Archives lie behind a redirect to the other host. */
const archive = (name: string, entries: readonly TarEntry[], says: RegExp, end = true): HostileCase => ({
  name,
  serve: (path, to, elsewhere) =>
    path.endsWith("/archive") &&
    redirect(to, `${elsewhere}/tar/${Buffer.from(tarBytes(entries, end)).toString("hex")}`),
  act: download,
  says,
});
const BOMB = gzipSync(Buffer.alloc(2 ** 24));
const safe: TarEntry = { name: "adapter_config.json", data: "{}" };

export const HOSTILE_CASES: readonly HostileCase[] = [
  result(
    "a body without end",
    (to) => {
      to.writeHead(200, { "content-type": "application/json" });
      const part = Buffer.alloc(65_536, 32);
      const write = () => {
        while (!to.destroyed && to.write(part));
      };
      to.on("drain", write);
      write();
      return true;
    },
    /larger than 1048576 bytes/,
  ),
  result(
    "a length of a terabyte",
    (to) => {
      to.writeHead(200, { "content-type": "application/json", "content-length": "1099511627776" });
      to.write("{");
      return true;
    },
    /larger than 1048576 bytes/,
  ),
  result(
    "a body that unpacks to 16 MiB",
    (to) =>
      bytes(to, BOMB, {
        "content-encoding": "gzip",
        "content-type": "application/json",
      }),
    /larger than 1048576 bytes/,
  ),
  result("no answer", () => true, /not done within|given up/),
  result("a result that is a list", (to) => json(to, []), /Sample .*expected object/),
  result("sequences that are a number", (to) => json(to, { sequences: 3 }), /sequences .*expected array/),
  result(
    "tokens that are no integers",
    (to) => json(to, { sequences: [{ tokens: [1.5], stop_reason: "stop" }] }),
    /1\.5 is no integer of 32 bits/,
  ),
  result(
    "tokens that are a text",
    (to) => json(to, { sequences: [{ tokens: "abc", stop_reason: "stop" }] }),
    /must be a list of token ids/,
  ),
  result(
    "HTML in place of JSON",
    (to) => bytes(to, Buffer.from("<html>"), { "content-type": "text/html" }),
    /neither protobuf nor JSON/,
  ),
  result(
    "protobuf that claims four gigabytes",
    (to) =>
      bytes(to, Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f), {
        "content-type": "application/x-protobuf",
      }),
    /a field claims 4294967295 bytes, 0 are left/,
  ),
  result(
    "a poll sent to another host",
    (to) => redirect(to, "http://127.0.0.1:9/x"),
    /sends elsewhere .* the key was not sent there/,
  ),
  {
    name: "a request sent to another host",
    serve: (path, to, elsewhere) => path === "create_sampling_session" && redirect(to, `${elsewhere}/steal`),
    act: sample,
    says: /sends elsewhere .* the key was not sent there/,
  },
  {
    name: "an error that quotes the key",
    serve: (path, to) => path === "create_model" && json(to, { detail: `the key ${KEY} is not yours` }, 401),
    act: create,
    says: /the key \[key\] is not yours/,
  },
  {
    name: "an id that is an object",
    serve: (path, to) => path === "create_model" && json(to, { request_id: { a: 1 } }),
    act: create,
    says: /create_model: request_id/,
  },
  {
    name: "settings of another type",
    serve: (path, to) => path === "client/config" && json(to, { fwdbwd_max_chunk_len: -5 }),
    act: async () => undefined,
    says: /client\/config: fwdbwd_max_chunk_len/,
  },
  {
    name: "a session without an id",
    serve: (path, to) => path === "create_session" && json(to, { session_id: 7 }),
    act: async () => undefined,
    says: /create_session: session_id/,
  },
  archive("an archive with ../", [safe, { name: "../escape.txt", data: "x" }], /leads outside of the folder/),
  archive(
    "an archive with an absolute path",
    [{ name: "/tmp-escape.txt", data: "x" }],
    /leads outside of the folder/,
  ),
  archive(
    "an archive with a Windows path",
    [{ name: "a\\..\\..\\b", data: "x" }],
    /leads outside of the folder/,
  ),
  archive(
    "an archive with a link",
    [
      { name: "link", type: "2", linkTo: "../.." },
      { name: "link/x", data: "x" },
    ],
    /is no regular file/,
  ),
  archive("an archive that is cut short", [{ ...safe, claims: 100_000 }], /ends too early/, false),
  archive("an archive with a wrong sum", [{ ...safe, wrongSum: true }], /sum is wrong/),
  archive("an archive with a name twice", [safe, safe], /twice/),
  archive("an archive of nothing", [], /is empty/),
  archive(
    "weights that are none",
    [{ name: "adapter_model.safetensors", data: "not weights at all" }],
    /is no safetensors file/,
  ),
  {
    name: "an archive in a local file",
    serve: (path, to) => path.endsWith("/archive") && redirect(to, "file:///etc/passwd"),
    act: download,
    says: /is not http or https/,
  },
  {
    name: "an archive that is redirected for ever",
    serve: (path, to, elsewhere) => path.endsWith("/archive") && redirect(to, `${elsewhere}/loop`),
    act: download,
    says: /more than 5 redirects/,
  },
];

/** What a case came to. */
export interface HostileOutcome {
  readonly name: string;
  /** The error's text, or what came in its place. */
  readonly said: string;
  readonly refused: boolean;
  /** Whether the key reached the other host, an error or an event. */
  readonly keyLeaked: boolean;
}

/** Runs a case against a hostile server and another host that notes what it is sent. `folder` must not exist. */
export async function runHostileCase(hostile: HostileCase, folder: string): Promise<HostileOutcome> {
  const heard: string[] = [];
  const other = await listen((path, to, from) => {
    heard.push(JSON.stringify(from.headers), path);
    if (path.startsWith("/tar/")) bytes(to, Buffer.from(path.slice(5), "hex"), {});
    else if (path === "/loop") redirect(to, "/loop");
    else to.end();
  });
  const server = await listen((path, to) => {
    const route = path.replace("/api/v1/", "").replace(/\?.*/, "");
    if (!hostile.serve(route, to, other.url)) wellBehaved(route, to);
  });
  let said = "no error";
  try {
    const limits = {
      replyBytes: 2 ** 20,
      attempts: 2,
      pauseMs: 1,
      pollMs: 100,
      idleMs: 300,
      deadlineMs: 500,
    };
    const onEvent = (event: object) => heard.push(JSON.stringify(event));
    const client = await ServiceClient.connect({
      url: server.url,
      apiKey: KEY,
      limits,
      onEvent,
      profile: "none",
    });
    try {
      await hostile.act(client, folder);
    } finally {
      client.close();
    }
  } catch (error) {
    said = TinkerError.isInstance(error) ? error.message : `not a TinkerError: ${String(error)}`;
  } finally {
    for (const { close } of [server, other]) await close();
  }
  const keyLeaked = [...heard, said].some((text) => text.includes(KEY));
  return { name: hostile.name, said, refused: hostile.says.test(said), keyLeaked };
}

function wellBehaved(route: string, to: ServerResponse): void {
  if (route === "create_session") json(to, { session_id: "s" });
  else if (route === "create_sampling_session") json(to, { sampling_session_id: "x" });
  else if (route === "asample") json(to, { request_id: "r" });
  else json(to, {});
}

async function listen(handler: Handler) {
  const server: Server = createServer((from, to) => {
    from.resume();
    from.on("end", () => handler(from.url ?? "", to, from));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
