/**
 * Reorders the rows of a query or key projection from Meta's rotary order, which rotates neighbouring pairs (2i, 2i + 1)
 * of a head, to Hugging Face's, which rotates halves (i, i + headDim/2). llama.cpp and llama2.c store the former.
 * `values` holds `rows` rows of equal width (width 1 for a bias); a copy is returned.
 */
export function pairsToHalves(values: Float32Array, rows: number, headDim: number): Float32Array {
  const width = values.length / rows;
  const half = headDim / 2;
  const reordered = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headDim;
    const source = row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
    reordered.set(values.subarray(source * width, (source + 1) * width), row * width);
  }
  return reordered;
}
