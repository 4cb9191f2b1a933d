import { ShapeError } from "../errors.ts";
import { add, filled, rebuild, tie } from "./build.ts";
import { inputGradients, passesGradient } from "./gradient-rules.ts";
import { reachable } from "./reach.ts";
import type { Tensor } from "./tensor.ts";

/** Where the reverse walk starts: a tensor and the gradient of the loss with respect to it (same shape). */
export interface GradientSeed {
  readonly tensor: Tensor;
  readonly gradient: Tensor;
}

export interface BackwardOptions {
  /**
   * Rebuild what stands between two boundaries from the earlier boundary, once the gradient has come down to the later
   * one, in place of keeping it: less memory, about a third more time (Chen et al. 2016, arXiv 1604.06174).
   */
  readonly recompute?: boolean;
  /** Results of the forward pass that must be ready before the walk passes the first boundary older than they are. */
  readonly alsoBefore?: readonly Tensor[];
}

/**
 * Gradients of Σ ⟨seed.gradient, seed.tensor⟩ with respect to `wrt`, in that order, as new tensors of the same graph
 * (reverse mode). Only nodes between `wrt` and the seeds get a gradient, so frozen weights cost nothing. At each
 * `boundary` the gradient that goes on is tied to every `wrt` gradient that grew since the boundary before, because the
 * runtime would otherwise postpone those to the end and keep all activations alive for them.
 */
export function gradients(
  seeds: readonly GradientSeed[],
  wrt: readonly Tensor[],
  options: BackwardOptions = {},
): Tensor[] {
  const forward = reachable(seeds.map((seed) => seed.tensor));
  const relevant = dependents(forward, wrt);
  const targets = new Set(wrt);
  const sums = new Map<Tensor, Tensor>();
  const grown = new Set<Tensor>();
  const waiting = new Set(options.alsoBefore);
  let current: (tensor: Tensor) => Tensor = (tensor) => tensor;

  const accumulate = (tensor: Tensor, gradient: Tensor) => {
    if (!relevant.has(tensor)) return;
    sums.set(tensor, plus(sums.get(tensor), gradient));
    if (targets.has(tensor)) grown.add(tensor);
  };

  for (const { tensor, gradient } of seeds) {
    if (tensor.shape.join() !== gradient.shape.join())
      throw new ShapeError(`gradient [${gradient.shape}] given for a tensor [${tensor.shape}]`);
    accumulate(tensor, gradient);
  }
  for (const node of forward.toReversed()) {
    const sum = sums.get(node);
    if (!sum || !passesGradient(node)) continue;
    let dy = sum;
    if (node.op.kind === "boundary") {
      const ready = [...waiting].filter((tensor) => tensor.id > node.id);
      dy = tie(sum, [...[...grown].filter((t) => t !== node).map((t) => sums.get(t)!), ...ready]);
      grown.clear();
      for (const tensor of ready) waiting.delete(tensor);
      if (options.recompute) current = rebuiltAfter(dy);
    }
    inputGradients(current(node), dy).forEach((gradient, index) => {
      if (gradient) accumulate(node.inputs[index]!, gradient);
    });
  }
  return wrt.map((tensor) => sums.get(tensor) ?? filled(0, tensor.shape));
}

/** Those of the nodes whose value depends on a target through differentiable steps, the targets included. */
function dependents(nodes: readonly Tensor[], targets: readonly Tensor[]): Set<Tensor> {
  const found = new Set(targets);
  for (const node of nodes)
    if (passesGradient(node) && node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
}

/** The sum of two gradients; rows are scattered straight into what is there already. */
function plus(sum: Tensor | undefined, term: Tensor): Tensor {
  if (!sum) return term;
  if (term.op.kind === "scatterAddRows" && isZero(term.inputs[0]!))
    return rebuild(term.op, [sum, ...term.inputs.slice(1)]);
  return add(sum, term);
}

function isZero(tensor: Tensor): boolean {
  const { op } = tensor;
  return op.kind === "broadcast"
    ? isZero(tensor.inputs[0]!)
    : op.kind === "constant" && op.values.every((v) => v === 0);
}

/**
 * Maps a tensor of the forward pass to a copy computed from the nearest boundaries before it, those tied to `gradient`:
 * the copy cannot start before `gradient` is known, nor be merged with the original. What no boundary precedes stays.
 */
function rebuiltAfter(gradient: Tensor): (tensor: Tensor) => Tensor {
  const copies = new Map<Tensor, Tensor>();
  const copy = (tensor: Tensor): Tensor => {
    const known = copies.get(tensor);
    if (known) return known;
    let made = tensor;
    if (tensor.op.kind === "boundary") made = tie(tensor, [gradient]);
    else {
      const inputs = tensor.inputs.map(copy);
      if (inputs.some((input, index) => input !== tensor.inputs[index])) made = rebuild(tensor.op, inputs);
    }
    copies.set(tensor, made);
    return made;
  };
  return copy;
}
