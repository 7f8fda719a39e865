/** What admins ask of a repository; the list of them is with the requests that all pages make. */
import type { components } from "../schema.gen";
import { bodyOf, client } from "./client";

type Schemas = components["schemas"];
export type NewRepository = Schemas["NewRepositoryRequest"];
export type RepositoryChange = Schemas["PatchedRepositoryChangeRequest"];
export type Credential = Schemas["CredentialRequest"];

const at = (repository_id: string) => ({ params: { path: { repository_id } } });

export const repositorySettings = {
  add: (body: NewRepository) => bodyOf(client.POST("/api/repositories/", { body })),
  change: (id: string, body: RepositoryChange) => bodyOf(client.PATCH("/api/repositories/{repository_id}/", { body, ...at(id) })),
  remove: (id: string) => bodyOf(client.DELETE("/api/repositories/{repository_id}/", at(id))),
  /** `rebuild` makes all of its index anew; without it only what is new at the remote is indexed. */
  index: (id: string, rebuild: boolean) =>
    bodyOf(client.POST("/api/repositories/{repository_id}/index/", { body: { rebuild }, ...at(id) })),
  setCredential: (id: string, body: Credential) =>
    bodyOf(client.PUT("/api/repositories/{repository_id}/credential/", { body, ...at(id) })),
  removeCredential: (id: string) => bodyOf(client.DELETE("/api/repositories/{repository_id}/credential/", at(id))),
  /** The answer holds the secret, which nothing shows again. */
  createWebhook: (id: string) => bodyOf(client.POST("/api/repositories/{repository_id}/webhook/", at(id))),
  removeWebhook: (id: string) => bodyOf(client.DELETE("/api/repositories/{repository_id}/webhook/", at(id))),
};
