/** Trains and samples transformers in process. Nothing here knows what a rubric is. */
export { CheckpointError, ModelFileError, ShapeError, UnsupportedOpError } from "./errors.ts";
export { SeededStream } from "./random/seeded-stream.ts";
