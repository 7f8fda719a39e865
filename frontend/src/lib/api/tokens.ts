/** One's own API tokens. */
import type { NewToken } from "../token-form";
import { bodyOf, client } from "./client";

export const tokens = {
  tokens: () => bodyOf(client.GET("/api/tokens/")),
  /** Its key is in the answer and nowhere else. */
  createToken: (body: NewToken) => bodyOf(client.POST("/api/tokens/", { body })),
  revokeToken: (token_id: string) => bodyOf(client.DELETE("/api/tokens/{token_id}/", { params: { path: { token_id } } })),
};
