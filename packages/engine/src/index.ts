/** Trains and samples transformers in process. Nothing here knows what a rubric is. */
export { CheckpointError, ModelFileError, ShapeError, UnsupportedOpError } from "./errors.ts";
export type { EngineSettings, EngineSource, ModelInfo } from "./local/engine-host.ts";
export { LocalEngine } from "./local/local-engine.ts";
export type { LoraConfig } from "./model/lora.ts";
export { type ModelConfig, readModelConfig } from "./model/model-config.ts";
export { SeededStream } from "./random/seeded-stream.ts";
export { renderChat } from "./tokenizer/chat-template.ts";
export type { Tokenizer } from "./tokenizer/tokenizer.ts";
export { createWordTokenizer } from "./tokenizer/word-tokenizer.ts";
export { type ModelDescription, openModel } from "./weights/open-model.ts";
