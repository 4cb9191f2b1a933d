import type { Datum } from "../datum.ts";

/** How many datums, and how many bytes by estimate, one request may carry. */
export interface ChunkLimits {
  readonly datums: number;
  readonly bytes: number;
}

/**
 * Datums cut into runs that each fit one request: a run ends when it is full or when the next datum would exceed the bytes.
 * A datum that alone exceeds them goes alone. No datums give one empty run.
 */
export function datumChunks(data: readonly Datum[], limits: ChunkLimits): readonly (readonly Datum[])[] {
  const chunks: Datum[][] = [[]];
  let bytes = 0;
  for (const datum of data) {
    const size = estimatedBytes(datum);
    const last = chunks.at(-1)!;
    if (last.length > 0 && (last.length >= limits.datums || bytes + size > limits.bytes)) {
      chunks.push([datum]);
      bytes = size;
    } else {
      last.push(datum);
      bytes += size;
    }
  }
  return chunks;
}

/** The protocol's estimate: 4 bytes a token, 8 a value of int64, 4 a value of float32. */
function estimatedBytes(datum: Datum): number {
  let bytes = 0;
  for (const { tokens } of datum.modelInput.chunks) bytes += 4 * tokens.length;
  for (const tensor of Object.values(datum.lossInputs))
    if (tensor !== undefined) bytes += (tensor.dtype === "int64" ? 8 : 4) * tensor.data.length;
  return bytes;
}
