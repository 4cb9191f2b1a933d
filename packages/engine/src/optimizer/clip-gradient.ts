/** Euclidean norm over all gradients, summed in double precision. Not finite where any of them is not. */
export function gradientNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += gradients[i]! * gradients[i]!;
  return Math.sqrt(sum);
}

/**
 * Factor that brings gradients of this global norm down to the bound, as `torch.nn.utils.clip_grad_norm_`: bound /
 * (norm + 1e-6), never above 1. A bound of 0 means no clipping.
 */
export function clipFactor(norm: number, bound: number): number {
  return bound > 0 ? Math.min(1, bound / (norm + 1e-6)) : 1;
}
