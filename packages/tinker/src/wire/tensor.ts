import { z } from "zod";
import { TinkerError } from "../errors.ts";
import type { TensorData } from "../tensor-data.ts";
import {
  packFloats,
  packInt64,
  unpackBfloat16,
  unpackFloats,
  unpackInt32,
  unpackInt64,
} from "./packed-numbers.ts";
import type { ProtoReader } from "./proto-reader.ts";
import type { ProtoWriter } from "./proto-writer.ts";
import { denseValues } from "./sparse-tensor.ts";

/** Element types of protobuf tensors. */
const DTYPE = { float32: 1, int64: 2, int32: 3, bfloat16: 4 } as const;

const isNumbers = (value: unknown): value is (number | null)[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number" || item === null);

/** A flat list of numbers; null, which JSON writers put for NaN, is read as NaN. */
export const NumberList = z
  .custom<readonly (number | null)[]>(isNumbers, "must be a list of numbers")
  .transform((list) => list.map((value) => value ?? Number.NaN));

/** A list of token ids. */
export const TokenList = z
  .custom<readonly number[]>(isNumbers, "must be a list of token ids")
  .transform((list) => tokenIds(list, "token ids"));

const sizes = z.array(z.int().min(0));

/**
 * A tensor in JSON, dense or compressed sparse rows, read into typed arrays (sparse ones become dense). int64 values are
 * token ids and must fit in 32 bits.
 */
export const Tensor = z
  .object({
    data: NumberList,
    dtype: z.enum(["int64", "float32"]),
    shape: sizes.nullish(),
    sparse_crow_indices: sizes.nullish(),
    sparse_col_indices: sizes.nullish(),
  })
  .transform(({ data, dtype, shape, sparse_crow_indices: crowIndices, sparse_col_indices }): TensorData => {
    const values = crowIndices
      ? denseValues({ shape: shape ?? [], values: data, crowIndices, colIndices: sparse_col_indices ?? [] })
      : data;
    return typedTensor(values, dtype, shape ?? undefined);
  });

/** The JSON form of a tensor: plain lists, since typed arrays have no JSON of their own. */
export function tensorJson({ data, dtype, shape }: TensorData): {
  readonly data: readonly (number | null)[];
  readonly dtype: TensorData["dtype"];
  readonly shape: readonly number[];
} {
  return { data: Array.isArray(data) ? data : Array.from(data), dtype, shape: shape ?? [data.length] };
}

/** Writes a protobuf `Tensor` (dense). */
export function writeTensor(writer: ProtoWriter, { data, dtype, shape }: TensorData): void {
  writer.bytes(1, dtype === "float32" ? packFloats(data) : packInt64(data));
  writer.integer(3, DTYPE[dtype]).packed(4, shape ?? [data.length]);
}

/** Reads a protobuf `Tensor`; sparse ones become dense. */
export function readTensor(reader: ProtoReader, what: string): TensorData {
  let dense: Uint8Array = new Uint8Array();
  let sparse: { values: Uint8Array; crow: Uint8Array; col: Uint8Array } | undefined;
  let dtype = 0;
  const shape: number[] = [];
  reader.message(what, {
    1: (r) => {
      dense = r.bytes();
    },
    2: (r) => {
      const rows = { values: new Uint8Array(), crow: new Uint8Array(), col: new Uint8Array() };
      r.message(what, {
        1: (inner) => void Object.assign(rows, { values: inner.bytes() }),
        2: (inner) => void Object.assign(rows, { crow: inner.bytes() }),
        3: (inner) => void Object.assign(rows, { col: inner.bytes() }),
      });
      sparse = rows;
    },
    3: (r) => {
      dtype = r.integer();
    },
    4: (r) => r.integers(shape),
  });
  const { values, name } = unpackNumbers(sparse?.values ?? dense, dtype, what);
  const flat = sparse
    ? denseValues({
        shape,
        values,
        crowIndices: unpackInt64(sparse.crow, what),
        colIndices: unpackInt64(sparse.col, what),
      })
    : values;
  return typedTensor(flat, name, shape.length > 0 ? shape : undefined);
}

/** Numbers of packed bytes of a protobuf element type; narrow types are widened to the two that tensors have. */
export function unpackNumbers(
  bytes: Uint8Array,
  dtype: number,
  what: string,
): {
  readonly values: Float32Array | Int32Array;
  readonly name: TensorData["dtype"];
  readonly width: number;
} {
  switch (dtype) {
    case DTYPE.float32:
      return { values: unpackFloats(bytes, what), name: "float32", width: 4 };
    case DTYPE.int64:
      return { values: tokenIds(unpackInt64(bytes, what), what), name: "int64", width: 8 };
    case DTYPE.int32:
      return { values: unpackInt32(bytes, what), name: "int64", width: 4 };
    case DTYPE.bfloat16:
      return { values: unpackBfloat16(bytes, what), name: "float32", width: 2 };
    default:
      throw new TinkerError("protocol", `${what}: element type ${dtype} is unknown`);
  }
}

/** The number of a tensor's element type, for a batch of tensors. */
export const dtypeNumber = (name: TensorData["dtype"]): number => DTYPE[name];

function typedTensor(
  values: ArrayLike<number>,
  dtype: TensorData["dtype"],
  shape: readonly number[] | undefined,
): TensorData {
  const data = dtype === "float32" ? asFloats(values) : tokenIds(values, "int64 tensor");
  const count = shape?.reduce((product, size) => product * size, 1);
  if (count !== undefined && count !== data.length)
    throw new TinkerError("user", `tensor of shape [${shape}] holds ${data.length} values, not ${count}`);
  return { data, dtype, ...(shape && { shape }) };
}

const asFloats = (values: ArrayLike<number>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);

function tokenIds(values: ArrayLike<number>, what: string): Int32Array {
  if (values instanceof Int32Array) return values;
  const ids = Int32Array.from(values);
  for (let i = 0; i < ids.length; i++)
    if (ids[i] !== values[i])
      throw new TinkerError("user", `${what}: ${values[i]} is no integer of 32 bits, as a token id must be`);
  return ids;
}
