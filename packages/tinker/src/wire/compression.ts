import * as zlib from "node:zlib";
import { TinkerError } from "../errors.ts";

/** The zstd functions of Node 22 and later; Node 20 has none. */
interface Zstd {
  readonly zstdCompressSync: (data: Uint8Array) => Uint8Array;
  readonly zstdDecompressSync: (data: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
}

const zstd: Partial<Zstd> = zlib as unknown as Partial<Zstd>;

/** Whether this Node can compress and decompress zstd. */
export const hasZstd = zstd.zstdCompressSync !== undefined;

/** zstd-compressed bytes, or undefined where this Node has no zstd. */
export const compressZstd = (data: Uint8Array): Uint8Array | undefined => zstd.zstdCompressSync?.(data);

/**
 * A body as its Content-Encoding says: zstd, gzip, deflate or none, of at most `limit` bytes when unpacked.
 * Throws `TinkerError` of kind `user` for an encoding that this Node lacks and for damaged or oversized data.
 */
export function decompressed(data: Uint8Array, encoding: string | undefined, limit: number): Uint8Array {
  const options = { maxOutputLength: limit };
  try {
    switch (encoding?.trim().toLowerCase() ?? "") {
      case "":
      case "identity":
        return data;
      case "gzip":
        return zlib.gunzipSync(data, options);
      case "deflate":
        return zlib.inflateSync(data, options);
      case "zstd":
        if (zstd.zstdDecompressSync) return zstd.zstdDecompressSync(data, options);
        throw new TinkerError("user", "zstd needs Node 22.15 or later here; send the body uncompressed");
      default:
        throw new TinkerError("user", `content encoding ${encoding} is not supported`);
    }
  } catch (error) {
    if (TinkerError.isInstance(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new TinkerError("user", `a body of more than ${limit} bytes when unpacked`, { cause: error });
    throw new TinkerError("user", `a damaged ${encoding} body: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
