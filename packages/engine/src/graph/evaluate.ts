import { FeedError, UnsupportedOpError } from "../errors.ts";
import { type Interpretation, interpretations } from "./interpretations.ts";
import type { OpKind } from "./op.ts";
import { indexOf } from "./position.ts";
import { reachable } from "./reach.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** Values by input name; positions and indices may be bigint. */
export type Feeds = Readonly<Record<string, ArrayLike<number | bigint>>>;

/**
 * Computes tensors one element at a time in float64: slow and plain, the reference that the lowering and the gradient
 * rules are tested against. Throws `FeedError` for an input that is missing or has another length.
 */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds): Float64Array[] {
  const values = new Map<Tensor, Float64Array>();
  for (const node of reachable(outputs)) values.set(node, interpretNode(node, values, feeds));
  return outputs.map((output) => values.get(output)!);
}

function interpretNode(node: Tensor, values: ReadonlyMap<Tensor, Float64Array>, feeds: Feeds): Float64Array {
  const { op } = node;
  if (op.kind === "input") {
    const given = feeds[op.name];
    if (given?.length !== sizeOf(node.shape))
      throw new FeedError(`input ${op.name} is [${node.shape}]; got ${given?.length ?? "no"} values`);
    return Float64Array.from(given, Number);
  }
  const interpret = interpretations[op.kind] as Interpretation<OpKind> | undefined;
  if (!interpret) throw new UnsupportedOpError(`${op.kind} has no interpretation`);
  const sources = op.kind === "rmsInverse" ? node.inputs[0]!.inputs : node.inputs;
  return interpret(op, node, (input, position) => {
    const source = sources[input]!;
    return values.get(source)![indexOf(position, source.shape)]!;
  });
}
