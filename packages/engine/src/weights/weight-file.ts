/** How a weight file stores one tensor: sizes outermost axis first, as PyTorch prints them. */
export interface TensorEntry {
  readonly shape: readonly number[];
  /** The file's own name of the number format, such as `BF16` or `Q4_K`. */
  readonly dtype: string;
}

/** An open weight file. Tensors are read one at a time, straight into the array that the caller keeps. */
export interface WeightFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The tensor as float32, row-major. Throws `ModelFileError` where it is absent or not stored as floats. */
  read(name: string): Float32Array;
  close(): void;
}

/** A tensor in memory, row-major. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
