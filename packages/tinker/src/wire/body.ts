import type { z } from "zod";
import { TinkerError } from "../errors.ts";

/** Content type of protobuf messages. */
export const PROTOBUF = "application/x-protobuf";
/** Content type of everything else. */
export const JSON_TYPE = "application/json";

/** True where a Content-Type names protobuf, under any of its spellings. */
export const isProtobuf = (contentType: string | null | undefined): boolean =>
  /^application\/(x-protobuf|protobuf|vnd\.google\.protobuf)\s*(;|$)/i.test(contentType ?? "");

/** Whether an Accept header asks for protobuf before JSON. */
export function acceptsProtobuf(accept: string | null | undefined): boolean {
  const quality = (pattern: RegExp): number =>
    Math.max(
      0,
      ...(accept ?? "")
        .split(",")
        .map((part) => part.trim())
        .filter((part) => pattern.test(part))
        .map((part) => Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1)),
    );
  const protobuf = quality(/^application\/(x-protobuf|protobuf)/i);
  return protobuf > 0 && protobuf >= quality(/^application\/json/i);
}

/** Reads a JSON text by a schema. Throws `TinkerError` that names the first field at fault. */
export function readJson<T extends z.ZodType>(
  schema: T,
  text: string,
  what: string,
  kind: "user" | "protocol",
): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TinkerError(kind, `${what} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  return readValue(schema, json, what, kind);
}

/** Reads a JSON value by a schema. Throws `TinkerError` that names the first field at fault. */
export function readValue<T extends z.ZodType>(
  schema: T,
  json: unknown,
  what: string,
  kind: "user" | "protocol",
): z.output<T> {
  try {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    const where = issue.path.length > 0 ? ` ${issue.path.join(".")}` : "";
    throw new TinkerError(kind, `${what}:${where} ${issue.message}`);
  } catch (error) {
    // A tensor that does not fit its shape throws where it is read; here it gets its place.
    if (TinkerError.isInstance(error) && !error.message.startsWith(what))
      throw new TinkerError(kind, `${what}: ${error.message}`, { cause: error });
    throw error;
  }
}
