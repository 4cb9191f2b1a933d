import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { DataType, Shape } from "../graph/tensor.ts";

/** Codes of TensorProto.DataType. */
export const onnxTypeCode = { float32: 1, int32: 6, int64: 7 } as const satisfies Record<DataType, number>;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

export interface OnnxNode {
  readonly opType: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DataType;
}

export interface OnnxInitializer extends OnnxValue {
  /** Little-endian elements. */
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Newest operator set that all rules of `op-lowerings.ts` were written for, and the file format that goes with it. */
const OPSET = 18;
const IR_VERSION = 10;

/** Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), as far as they are written. */
const field = {
  model: { irVersion: 1, graph: 7, opsetImport: 8 },
  opset: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, float: 2, int: 3, text: 4, ints: 8, type: 20 },
  tensor: { dims: 1, dataType: 2, name: 8, rawData: 9 },
  value: { name: 1, type: 2 },
  type: { tensorType: 1 },
  tensorType: { elementType: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { value: 1 },
} as const;

/** Codes of AttributeProto.AttributeType. */
const attributeType = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** The serialised ModelProto of a graph. */
export function writeOnnxModel(graph: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  writeInt(writer, field.model.irVersion, IR_VERSION);
  writeMessage(writer, field.model.graph, () => {
    graph.nodes.forEach((node, index) => {
      writeNode(writer, node, index);
    });
    writeText(writer, field.graph.name, "graph");
    for (const initializer of graph.initializers) writeInitializer(writer, initializer);
    for (const input of graph.inputs) writeValue(writer, field.graph.input, input);
    for (const output of graph.outputs) writeValue(writer, field.graph.output, output);
  });
  for (const [domain, version] of [
    ["", OPSET],
    ["com.microsoft", 1],
  ] as const)
    writeMessage(writer, field.model.opsetImport, () => {
      writeText(writer, field.opset.domain, domain);
      writeInt(writer, field.opset.version, version);
    });
  return writer.finish();
}

function writeNode(writer: BinaryWriter, node: OnnxNode, index: number): void {
  writeMessage(writer, field.graph.node, () => {
    for (const input of node.inputs) writeText(writer, field.node.input, input);
    for (const output of node.outputs) writeText(writer, field.node.output, output);
    // Profiles are unreadable without unique names.
    writeText(writer, field.node.name, `${node.opType}_${index}`);
    writeText(writer, field.node.opType, node.opType);
    for (const [name, value] of Object.entries(node.attributes)) writeAttribute(writer, name, value);
    if (node.domain) writeText(writer, field.node.domain, node.domain);
  });
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  writeMessage(writer, field.node.attribute, () => {
    writeText(writer, field.attribute.name, name);
    if ("float" in value) {
      writer.tag(field.attribute.float, WireType.Bit32).float(value.float);
      writeInt(writer, field.attribute.type, attributeType.float);
    } else if ("int" in value) {
      writeInt(writer, field.attribute.int, value.int);
      writeInt(writer, field.attribute.type, attributeType.int);
    } else if ("text" in value) {
      writeText(writer, field.attribute.text, value.text);
      writeInt(writer, field.attribute.type, attributeType.text);
    } else {
      for (const int of value.ints) writeInt(writer, field.attribute.ints, int);
      writeInt(writer, field.attribute.type, attributeType.ints);
    }
  });
}

function writeInitializer(writer: BinaryWriter, { name, shape, dtype, data }: OnnxInitializer): void {
  writeMessage(writer, field.graph.initializer, () => {
    for (const size of shape) writeInt(writer, field.tensor.dims, size);
    writeInt(writer, field.tensor.dataType, onnxTypeCode[dtype]);
    writeText(writer, field.tensor.name, name);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    writer.tag(field.tensor.rawData, WireType.LengthDelimited).bytes(bytes);
  });
}

function writeValue(writer: BinaryWriter, fieldNumber: number, { name, shape, dtype }: OnnxValue): void {
  writeMessage(writer, fieldNumber, () => {
    writeText(writer, field.value.name, name);
    writeMessage(writer, field.value.type, () => {
      writeMessage(writer, field.type.tensorType, () => {
        writeInt(writer, field.tensorType.elementType, onnxTypeCode[dtype]);
        writeMessage(writer, field.tensorType.shape, () => {
          for (const size of shape)
            writeMessage(writer, field.shape.dimension, () => {
              writeInt(writer, field.dimension.value, size);
            });
        });
      });
    });
  });
}

function writeMessage(writer: BinaryWriter, fieldNumber: number, body: () => void): void {
  writer.tag(fieldNumber, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function writeText(writer: BinaryWriter, fieldNumber: number, text: string): void {
  writer.tag(fieldNumber, WireType.LengthDelimited).string(text);
}

function writeInt(writer: BinaryWriter, fieldNumber: number, value: number): void {
  writer.tag(fieldNumber, WireType.Varint).int64(value);
}
