/** Trains and samples transformers in process. Nothing here knows what a rubric is. */

// Checkpoints
export type { Checkpoint } from "./checkpoint/checkpoint.ts";
export { readCheckpoint } from "./checkpoint/read-checkpoint.ts";
export { writeCheckpoint } from "./checkpoint/write-checkpoint.ts";
// Randomness and errors
export { CheckpointError, ModelFileError, ShapeError, UnsupportedOpError } from "./errors.ts";
// A model in a thread of its own
export type { EngineSettings, EngineSource, ModelInfo } from "./local/engine-host.ts";
export { LocalEngine } from "./local/local-engine.ts";
export type { ScalarModel, ScoreLoss, ScoreLossResult, ScoreResult } from "./local/scalar-model.ts";
// Models, weights, tokenizers
export type { LoraConfig } from "./model/lora.ts";
export { type ModelConfig, readModelConfig } from "./model/model-config.ts";
// In the calling thread: what the engine thread is made of
export { baseParameters, type ParameterSpec, ParameterStore } from "./model/parameters.ts";
export { scalarParameters } from "./model/scalar-head.ts";
export { SeededStream } from "./random/seeded-stream.ts";
export { Decoder, type DecoderOptions } from "./sampling/decoder.ts";
export { LocalBackend, type LocalModel } from "./serve/local-backend.ts";
export { type ChatMessage, renderChat } from "./tokenizer/chat-template.ts";
export type { Tokenizer, TokenizerFiles } from "./tokenizer/tokenizer.ts";
export { createWordTokenizer } from "./tokenizer/word-tokenizer.ts";
export { ScalarTrainer } from "./training/scalar-trainer.ts";
export { Trainer, type TrainerOptions } from "./training/trainer.ts";
export { type LoadedModel, loadModel } from "./weights/load-model.ts";
export { type ModelDescription, type OpenModel, openModel } from "./weights/open-model.ts";
