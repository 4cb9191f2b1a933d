import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { TinkerError } from "../errors.ts";
import { ArchiveReply, readJson } from "../wire/index.ts";
import { replyText } from "./http-call.ts";
import { cancelled, connectionFailure } from "./http-failure.ts";
import type { HttpTransport } from "./http-transport.ts";
import { pause } from "./pause.ts";
import { tarFiles } from "./tar-reader.ts";

/** Bounds of a download. */
export interface DownloadLimits {
  /** All files together, in bytes; default 64 GiB. */
  readonly totalBytes: number;
  /** Files, default 10,000. */
  readonly files: number;
  /** How often, and how long apart in ms, a server is asked that is still building the archive. Default 6 and 30,000. */
  readonly attempts: number;
  readonly pauseMs: number;
}

const DEFAULTS: DownloadLimits = { totalBytes: 2 ** 36, files: 10_000, attempts: 6, pauseMs: 30_000 };
/** Steps from the archive's address to its bytes. */
const MOST_REDIRECTS = 5;

/**
 * Fetches an archive and unpacks it into `folder`, which must not exist: first beside it, under a name that is removed when
 * anything is wrong, then renamed. The result are the files' paths. The key goes to the server's own route alone; where
 * that leads, no key is sent. Throws `TinkerError`.
 */
export async function downloadArchive(
  transport: HttpTransport,
  route: string,
  folder: string,
  given: Partial<DownloadLimits> = {},
): Promise<readonly string[]> {
  const limits = { ...DEFAULTS, ...given };
  const target = resolve(folder);
  if (existsSync(target)) throw new TinkerError("user", `${folder}: exists already; name a new folder`);
  if (!existsSync(dirname(target)))
    throw new TinkerError("user", `${folder}: the folder that it lies in does not exist; create it first`);
  const response = await openArchive(transport, await archiveAddress(transport, route, limits), route);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    mkdirSync(temporary);
    const files = await unpack(response.body ?? emptyStream(), temporary, limits);
    checkFiles(temporary, files);
    renameSync(temporary, target);
    return files;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    await response.body?.cancel().catch(() => undefined);
    throw error instanceof TypeError ? connectionFailure(route, error, transport.settings.signal) : error;
  }
}

/** Where the archive lies: behind a redirect, or named in the answer. */
async function archiveAddress(transport: HttpTransport, route: string, limits: DownloadLimits): Promise<URL> {
  const { address, signal } = transport.settings;
  for (let attempt = 1; ; attempt++) {
    const reply = await transport.once({ method: "GET", path: route, signal });
    if (reply.status === 503 && attempt < limits.attempts) {
      await pause(limits.pauseMs, signal);
      continue;
    }
    const location = reply.headers.location;
    if (reply.status >= 300 && reply.status < 400 && location !== undefined)
      return address.follow(location, address.route(route)).url;
    if (reply.status !== 200) throw transport.failure(route, reply);
    const { url } = readJson(ArchiveReply, replyText(reply), route, "protocol");
    return address.follow(url, address.route(route)).url;
  }
}

/** Follows redirects without ever sending the key. */
async function openArchive(transport: HttpTransport, first: URL, what: string): Promise<Response> {
  const { address, signal } = transport.settings;
  let url = first;
  for (let step = 0; step <= MOST_REDIRECTS; step++) {
    address.checkDownload(url);
    let response: Response;
    try {
      response = await fetch(url, { redirect: "manual", ...(signal && { signal }) });
    } catch (error) {
      throw signal?.aborted ? cancelled(what, signal) : connectionFailure(what, error, signal);
    }
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      ({ url } = address.follow(location, url.href));
      continue;
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw new TinkerError(
      response.status === 403 || response.status === 404 ? "expired" : "server",
      `${what}: the archive's address answers ${response.status}; ask again for a new link`,
      { status: response.status },
    );
  }
  throw new TinkerError("protocol", `${what}: more than ${MOST_REDIRECTS} redirects`);
}

async function unpack(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  limits: DownloadLimits,
): Promise<readonly string[]> {
  const files = new Set<string>();
  let total = 0;
  for await (const { path, size, content } of tarFiles(stream)) {
    total += size;
    if (total > limits.totalBytes) throw fault(`holds more than ${limits.totalBytes} bytes`);
    if (files.size >= limits.files) throw fault(`holds more than ${limits.files} files`);
    if (path === "" || files.has(path)) throw fault(`names ${JSON.stringify(path)} twice or without a name`);
    files.add(path);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const file = openSync(join(folder, path), "wx");
    try {
      for await (const part of content) writeSync(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  return [...files].sort();
}

/** A checkpoint that was cut short, or that is none, must not look like one. */
function checkFiles(folder: string, files: readonly string[]): void {
  if (files.length === 0) throw fault("is empty");
  for (const name of files) if (name.endsWith(".safetensors")) checkSafetensors(join(folder, name), name);
}

/** Header: its length as uint64, then JSON that says where each tensor ends behind it. */
function checkSafetensors(path: string, name: string): void {
  const size = statSync(path).size;
  const file = openSync(path, "r");
  try {
    const prefix = Buffer.alloc(8);
    const length = readSync(file, prefix, 0, 8, 0) === 8 ? Number(prefix.readBigUInt64LE()) : -1;
    if (length < 2 || length > size - 8) throw fault(`${name} is no safetensors file`);
    const header = Buffer.alloc(length);
    readSync(file, header, 0, length, 8);
    const end = Math.max(0, ...tensorEnds(header.toString("utf8"), name));
    if (8 + length + end !== size) throw fault(`${name} has ${size} bytes, not ${8 + length + end}`);
  } finally {
    closeSync(file);
  }
}

function tensorEnds(header: string, name: string): readonly number[] {
  try {
    const tensors = JSON.parse(header) as Record<string, { data_offsets?: readonly [number, number] }>;
    return Object.values(tensors).map(({ data_offsets }) => data_offsets?.[1] ?? 0);
  } catch (error) {
    throw fault(`${name} has a damaged header`, error);
  }
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}

const fault = (what: string, cause?: unknown): TinkerError =>
  new TinkerError("protocol", `archive: ${what}; nothing was kept`, { cause });
