import { z } from "zod";
import { TinkerError } from "../errors.ts";
import type { TensorData } from "../tensor-data.ts";
import { packFloats, packInt64, unpackInt64 } from "./packed-numbers.ts";
import { ProtoReader } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { dtypeNumber, Tensor, tensorJson, unpackNumbers } from "./tensor.ts";

/** What a loss gives for one datum, by name: `logprobs` and, from some servers, more. */
export type LossOutputs = Readonly<Record<string, TensorData>>;

/** Result of one forward or forward-backward request, one entry per datum in the order given. */
export const ForwardBackwardOutput = z.object({
  loss_fn_output_type: z.string().default("ArrayRecord"),
  loss_fn_outputs: z.array(z.record(z.string(), Tensor)),
  metrics: z
    .record(z.string(), z.number().nullable())
    .nullish()
    .transform(
      (metrics): Record<string, number> =>
        Object.fromEntries(Object.entries(metrics ?? {}).map(([name, value]) => [name, value ?? Number.NaN])),
    ),
});

/** Result of one forward or forward-backward request. */
export type ForwardBackwardOutput = z.infer<typeof ForwardBackwardOutput>;

/** The JSON form of a result. NaN and infinities, which JSON lacks, become null. */
export const forwardBackwardOutputJson = (output: ForwardBackwardOutput): object => ({
  ...output,
  loss_fn_outputs: output.loss_fn_outputs.map((fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, tensor]) => [name, tensorJson(tensor)] as const)),
  ),
});

/** A result as a protobuf `ForwardBackwardOutput` with one record per datum of another shape, else one in all. */
export function encodeForwardBackwardOutput(output: ForwardBackwardOutput): Uint8Array {
  const writer = new ProtoWriter();
  writer.text(1, output.loss_fn_output_type);
  for (const group of rectangular(output.loss_fn_outputs))
    writer.message(2, (record) => writeRecord(record, group));
  for (const [name, value] of Object.entries(output.metrics))
    writer.message(3, (entry) => {
      entry.text(1, name).double(2, value);
    });
  return writer.finish();
}

/** Reads a protobuf `ForwardBackwardOutput`. Throws `TinkerError` where the bytes are none. */
export function decodeForwardBackwardOutput(bytes: Uint8Array): ForwardBackwardOutput {
  let type = "";
  const outputs: Record<string, TensorData>[] = [];
  const metrics: Record<string, number> = {};
  new ProtoReader(bytes, "ForwardBackwardOutput").fields({
    1: (r) => {
      type = r.text();
    },
    2: (r) => void outputs.push(...readRecord(r)),
    3: (r) => {
      const entry = { name: "", value: 0 };
      r.message("metrics", {
        1: (inner) => void Object.assign(entry, { name: inner.text() }),
        2: (inner) => void Object.assign(entry, { value: inner.double() }),
      });
      metrics[entry.name] = entry.value;
    },
  });
  // A server may name the class with its module: "module:Class".
  const name = type.slice(type.lastIndexOf(":") + 1);
  return { loss_fn_output_type: name || "ArrayRecord", loss_fn_outputs: outputs, metrics };
}

/** Runs of datums whose fields have the same names, element types and trailing shapes. */
function rectangular(outputs: readonly LossOutputs[]): LossOutputs[][] {
  const groups: { kind: string; members: LossOutputs[] }[] = [];
  for (const fields of outputs) {
    const kind = JSON.stringify(
      Object.entries(fields).map(([name, tensor]) => [name, tensor.dtype, trailing(tensor)]),
    );
    const last = groups.at(-1);
    if (last?.kind === kind) last.members.push(fields);
    else groups.push({ kind, members: [fields] });
  }
  return groups.map(({ members }) => members);
}

const trailing = ({ shape }: TensorData): readonly number[] => shape?.slice(1) ?? [];

function writeRecord(writer: ProtoWriter, group: readonly LossOutputs[]): void {
  writer.text(1, "ArrayRecord");
  for (const [name, first] of Object.entries(group[0] ?? {})) {
    const width = first.dtype === "float32" ? 4 : 8;
    const offsets = [0];
    for (const fields of group) offsets.push(offsets.at(-1)! + width * fields[name]!.data.length);
    const flat = new Float64Array(offsets.at(-1)! / width);
    group.forEach((fields, i) => {
      flat.set(fields[name]!.data, offsets[i]! / width);
    });
    writer.message(2, (entry) => {
      entry.text(1, name).message(2, (batch) => {
        batch.bytes(1, first.dtype === "float32" ? packFloats(flat) : packInt64(flat));
        batch.bytes(2, packInt64(offsets)).integer(3, dtypeNumber(first.dtype)).packed(4, trailing(first));
      });
    });
  }
  writer.integer(3, group.length);
}

function readRecord(reader: ProtoReader): Record<string, TensorData>[] {
  const fields = new Map<string, TensorData[]>();
  let count = 0;
  reader.message("ArrayRecord", {
    2: (r) => {
      let name = "";
      let batch: TensorData[] = [];
      r.message("fields", {
        1: (entry) => {
          name = entry.text();
        },
        2: (entry) => {
          batch = readBatch(entry);
        },
      });
      fields.set(name, batch);
    },
    3: (r) => {
      count = r.integer();
    },
  });
  for (const [name, batch] of fields) {
    // Messages older than num_datums do not state the count.
    if (count === 0) count = batch.length;
    if (batch.length !== count)
      throw new TinkerError(
        "protocol",
        `ArrayRecord: ${name} has ${batch.length} tensors for ${count} datums`,
      );
  }
  if (fields.size === 0 && count > MOST_EMPTY)
    throw new TinkerError("protocol", `ArrayRecord: claims ${count} datums without a field`);
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries([...fields].map(([name, batch]) => [name, batch[i]!])),
  );
}

/** Most datums that a record without fields may claim: nothing else bounds the number. */
const MOST_EMPTY = 1 << 20;

function readBatch(reader: ProtoReader): TensorData[] {
  const what = "BatchedTensor";
  const parts = { data: new Uint8Array(), offsets: new Uint8Array(), dtype: 0 };
  const trailingShape: number[] = [];
  reader.message(what, {
    1: (r) => void Object.assign(parts, { data: r.bytes() }),
    2: (r) => void Object.assign(parts, { offsets: r.bytes() }),
    3: (r) => void Object.assign(parts, { dtype: r.integer() }),
    4: (r) => r.integers(trailingShape),
  });
  const { values, name, width } = unpackNumbers(parts.data, parts.dtype, what);
  const offsets = unpackInt64(parts.offsets, what);
  const rowSize = trailingShape.reduce((product, size) => product * size, 1);
  return offsets.slice(1).map((end, i) => {
    const [from, to] = [offsets[i]! / width, end / width];
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= values.length))
      throw new TinkerError("protocol", `${what}: tensor ${i} lies outside of its ${values.length} values`);
    const data = values.subarray(from, to);
    const rows = rowSize > 0 ? data.length / rowSize : 0;
    if (!Number.isInteger(rows))
      throw new TinkerError("protocol", `${what}: tensor ${i} has no whole number of rows`);
    return { data, dtype: name, shape: [rows, ...trailingShape] };
  });
}
