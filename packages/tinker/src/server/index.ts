/** The training protocol's server: what an engine implements, and what puts it on a port. Clients do not load it. */
export type { FutureLimits } from "./future-table.ts";
export type { ListenerOptions } from "./http-listener.ts";
export { ProtocolServer, type ProtocolServerOptions } from "./protocol-server.ts";
export type { ServiceLimits } from "./service.ts";
export type { AdapterChoice, ServedModel, TextCodec, TrainingBackend } from "./training-backend.ts";
