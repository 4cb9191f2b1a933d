import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { FeedError, ShapeError } from "../errors.ts";
import { type DataType, type Shape, sizeOf } from "../graph/tensor.ts";
import { type LoweringOptions, lowerGraph, type NamedTensors } from "../lower/lower-graph.ts";
import type { OnnxValue } from "../lower/onnx-model.ts";

/** Values of one input, outermost axis first: Float32Array for float32, Int32Array for int32, BigInt64Array for int64. */
export type FeedValues = Float32Array | Int32Array | BigInt64Array;

/** Results by name. Their arrays are new in each run. */
export type Results = Record<string, Float32Array>;

export interface SessionOptions extends LoweringOptions {
  /** CPU threads inside one operation. */
  readonly threads: number;
}

const arrayType = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const satisfies Record<DataType, unknown>;

/**
 * A graph made ready to run. The values fed are read in place, never copied, so an array that changes between runs (a
 * weight) needs no new session. `run` blocks its thread: keep sessions in a worker.
 */
export class GraphSession {
  /** What `run` must be given. */
  readonly inputs: readonly OnnxValue[];
  readonly #session: InferenceSession;
  readonly #wrapped = new WeakMap<FeedValues, OrtTensor>();
  #lastRun: Promise<unknown> = Promise.resolve();
  #released = false;

  private constructor(session: InferenceSession, inputs: readonly OnnxValue[]) {
    this.#session = session;
    this.inputs = inputs;
  }

  /** Lowers the graph of these float32 outputs and loads it. Throws what `lowerGraph` throws. */
  static async create(outputs: NamedTensors, options: SessionOptions): Promise<GraphSession> {
    const lowered = lowerGraph(outputs, options);
    for (const { name, dtype } of lowered.outputs)
      if (dtype !== "float32") throw new ShapeError(`output ${name} is ${dtype}; cast it to float32`);
    const session = await InferenceSession.create(lowered.bytes, {
      executionProviders: ["cpu"],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      // Halves the peak memory of a training step at equal speed; switching the arena off would cost a quarter more time.
      enableMemPattern: false,
      enableCpuMemArena: true,
      // What the lowering writes is what should run: the runtime's own rewriting doubled the time to load and gained nothing.
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 3,
    });
    return new GraphSession(session, lowered.inputs);
  }

  /** Computes all outputs. Throws `FeedError` for a missing or unknown input, a wrong type or a wrong length. */
  async run(feeds: Readonly<Record<string, FeedValues>>): Promise<Results> {
    if (this.#released) throw new FeedError("this session was released");
    const running = this.#session.run(this.#wrap(feeds));
    this.#lastRun = running.catch(() => {});
    const results = await running;
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  }

  /** Frees the memory once the runs already begun have ended. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#lastRun;
    await this.#session.release();
  }

  #wrap(feeds: Readonly<Record<string, FeedValues>>): Record<string, OrtTensor> {
    const wrapped: Record<string, OrtTensor> = {};
    for (const input of this.inputs) {
      const values = feeds[input.name];
      if (!values) throw new FeedError(`input ${input.name} is missing; feed ${input.dtype}[${input.shape}]`);
      wrapped[input.name] = this.#tensor(input, values);
    }
    const names = Object.keys(feeds);
    if (names.length > this.inputs.length) {
      const unknown = names.find((name) => !Object.hasOwn(wrapped, name));
      throw new FeedError(`the graph reads no input ${unknown}`);
    }
    return wrapped;
  }

  #tensor({ name, shape, dtype }: OnnxValue, values: FeedValues): OrtTensor {
    const known = this.#wrapped.get(values);
    if (known?.type === dtype && sameShape(known.dims, shape)) return known;
    if (!(values instanceof arrayType[dtype]))
      throw new FeedError(`input ${name} is ${dtype}; got a ${(values as object).constructor.name}`);
    if (values.length !== sizeOf(shape))
      throw new FeedError(`input ${name} is [${shape}], ${sizeOf(shape)} values; got ${values.length}`);
    const tensor = new OrtTensor(dtype, values as Float32Array, shape);
    this.#wrapped.set(values, tensor);
    return tensor;
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}
