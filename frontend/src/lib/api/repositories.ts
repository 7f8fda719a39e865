/** Repositories that can be searched. */
import { bodyOf, client } from "./client";

export const repositories = {
  repositories: () => bodyOf(client.GET("/api/repositories/")),
};
