import { IllegalGraphError } from "../errors.ts";
import { reachable } from "./reach.ts";
import { inferShape } from "./shape.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/**
 * Checks everything that the outputs reach against the rules of a legal graph: ids ascend from inputs to readers and
 * are unique, every shape and type is what the operation yields, constants fill their shape, and an input name stands
 * for one value. Throws `IllegalGraphError` with the first violation.
 */
export function verify(outputs: readonly Tensor[]): void {
  const byName = new Map<string, Tensor>();
  let previous: Tensor | undefined;
  for (const node of reachable(outputs)) {
    const fail = (why: string): never => {
      const inputs = node.inputs.map((x) => `#${x.id} ${x.dtype}[${x.shape}]`).join(", ");
      throw new IllegalGraphError(
        `#${node.id} ${JSON.stringify(node.op)} (${inputs}) -> ${node.dtype}[${node.shape}]: ${why}`,
      );
    };
    if (previous?.id === node.id) fail("another node has the same id");
    previous = node;
    for (const input of node.inputs) if (input.id >= node.id) fail(`reads #${input.id}, which is not older`);
    if (node.shape.some((n) => !Number.isInteger(n) || n < 0)) fail("sizes must be whole numbers");
    const { op } = node;
    if (op.kind === "input" || op.kind === "constant") {
      if (node.inputs.length > 0) fail("takes no inputs");
      if (op.dtype !== node.dtype) fail(`states ${op.dtype}`);
      if (op.kind === "constant" && op.values.length !== sizeOf(node.shape))
        fail(`${op.values.length} values for ${sizeOf(node.shape)} places`);
      if (op.kind === "input") {
        const other = byName.get(op.name) ?? node;
        if (other !== node) fail(`#${other.id} is another input of this name`);
        byName.set(op.name, node);
      }
      continue;
    }
    const inferred = attempt(() => inferShape(op, node.inputs), fail);
    if (inferred.shape.join() !== node.shape.join()) fail(`yields [${inferred.shape}]`);
    if (inferred.dtype !== node.dtype) fail(`yields ${inferred.dtype}`);
  }
}

function attempt<T>(compute: () => T, fail: (why: string) => never): T {
  try {
    return compute();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
