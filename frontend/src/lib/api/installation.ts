/** How the whole installation is set up: models and prices, upstreams, Slack. */
import type { components } from "../schema.gen";
import { bodyOf, client } from "./client";

type Schemas = components["schemas"];
export type Models = Schemas["Models"];
export type ConfiguredModel = Schemas["ConfiguredModel"];
export type ModelPrice = Schemas["ModelPrice"];
export type PriceValues = Schemas["ModelPriceRequest"];
export type Upstreams = Schemas["Upstreams"];
export type Upstream = Schemas["Upstream"];
export type UpstreamTool = Schemas["UpstreamTool"];
export type SlackWorkspace = Schemas["SlackWorkspace"];
export type SlackFinding = Schemas["SlackFinding"];

export const installation = {
  models: () => bodyOf(client.GET("/api/models/")),
  setPrice: (name: string, body: PriceValues) =>
    bodyOf(client.PUT("/api/models/prices/{name}/", { body, params: { path: { name } } })),
  removePrice: (name: string) => bodyOf(client.DELETE("/api/models/prices/{name}/", { params: { path: { name } } })),
  upstreams: () => bodyOf(client.GET("/api/upstreams/")),
  slack: () => bodyOf(client.GET("/api/slack/")),
  checkSlack: () => bodyOf(client.GET("/api/slack/check/")),
};
