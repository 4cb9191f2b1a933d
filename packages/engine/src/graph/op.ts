import type { DataType, Shape } from "./tensor.ts";

/**
 * Every operation that a graph may hold, with its parameters. A transformation (gradient, lowering, interpreter, shape
 * rule) is one table over these names; a missing entry fails by name.
 */
export type Op =
  /** A value fed at run time. */
  | { readonly kind: "input"; readonly name: string; readonly dtype: DataType }
  /** A constant of at most a few thousand values; weights are inputs. */
  | { readonly kind: "constant"; readonly values: readonly number[]; readonly dtype: DataType }
  | { readonly kind: ElementwiseUnary }
  | { readonly kind: ElementwiseBinary }
  /** Identity whose gradient is zero. */
  | { readonly kind: "stopGradient" }
  /** min(max(x, low), high). */
  | { readonly kind: "clip"; readonly low: number; readonly high: number }
  /** 1 where low ≤ x ≤ high, else 0; not differentiable (gradient zero). */
  | { readonly kind: "within"; readonly low: number; readonly high: number }
  /**
   * alpha · op(a) · op(b) over the last two axes; leading axes are equal or broadcast from 1. With a third input c (2-D only, same shape as the
   * result or broadcast to it): alpha · op(a) · op(b) + c.
   */
  | { readonly kind: "matmul"; readonly transA: boolean; readonly transB: boolean; readonly alpha: number }
  | { readonly kind: "reshape"; readonly shape: Shape }
  | { readonly kind: "transpose"; readonly perm: readonly number[] }
  /** Elements start…end−1 of one axis. */
  | { readonly kind: "slice"; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly kind: "concat"; readonly axis: number }
  /** Repeats size-1 axes up to the shape. */
  | { readonly kind: "broadcast"; readonly shape: Shape }
  | { readonly kind: "reduceSum" | "reduceMax"; readonly axis: number; readonly keepDims: boolean }
  /** Over the last axis. */
  | { readonly kind: "softmax" }
  /** table [rows, width], indices int32 [n] → [n, width]. */
  | { readonly kind: "gatherRows" }
  /** base [rows, width], indices int32 [n], updates [n, width] → base with updates added to the rows named (repeats add up). */
  | { readonly kind: "scatterAddRows" }
  /** x [n, width], index int32 [n] → [n, 1]: one element of each row. */
  | { readonly kind: "pickColumn" }
  /** x [n, width], weight [width] → x / rms(x) · weight, rms over the last axis with epsilon inside the root. */
  | { readonly kind: "rmsNorm"; readonly epsilon: number }
  /** The factor 1 / rms(x) of an rmsNorm tensor (its second result), [n, 1]. Its only input is that rmsNorm tensor. */
  | { readonly kind: "rmsInverse" }
  /**
   * Rotary position embedding in the half-split form of Llama. x [batch, time, heads·headDim], positions int64
   * [batch, time], cos and sin [positions ≥ time, headDim / 2]. `inverse` rotates back (the gradient).
   */
  | { readonly kind: "rope"; readonly headDim: number; readonly inverse: boolean }
  /** x, to be computed after the other inputs: the value is x. Keeps the runtime from postponing weight gradients. */
  | { readonly kind: "tie" }
  /** Identity that marks the end of a layer: where gradients are tied and where recomputation may restart. */
  | { readonly kind: "boundary" }
  | { readonly kind: "cast"; readonly dtype: DataType };

export type ElementwiseUnary = "neg" | "exp" | "log" | "sqrt" | "reciprocal" | "sigmoid" | "silu" | "tanh";

/** Broadcast like NumPy. `lessOrEqual` gives 1 or 0 and has no gradient. */
export type ElementwiseBinary = "add" | "sub" | "mul" | "div" | "minimum" | "maximum" | "lessOrEqual";

export type OpKind = Op["kind"];

/** The member of `Op` that has this kind. */
export type OpOf<K extends OpKind, Member extends Op = Op> = Member extends Op
  ? K extends Member["kind"]
    ? Member
    : never
  : never;
