/** Operands whose shapes do not fit an operation. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** An operation that a transformation (gradient, lowering, interpreter) has no rule for. */
export class UnsupportedOpError extends Error {
  override readonly name = "UnsupportedOpError";
}

/** A model, tokenizer or weight file that cannot be used: the message names the file and the field. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}

/** A checkpoint that is damaged, unfinished or made for another model. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/** A graph whose nodes break the rules that every transformation relies on. */
export class IllegalGraphError extends Error {
  override readonly name = "IllegalGraphError";
}

/** Values given to a session that do not fit the inputs of its graph. */
export class FeedError extends Error {
  override readonly name = "FeedError";
}
