/** Saved views of the issue list. */
import { bodyOf, client } from "./client";

const one = (view_id: string) => ({ params: { path: { view_id } } });

export const views = {
  views: () => bodyOf(client.GET("/api/views/")),
  /** The same name and query again give the same view. */
  saveView: (name: string, query: string) => bodyOf(client.POST("/api/views/", { body: { name, query } })),
  changeView: (id: string, body: { name?: string; query?: string }) =>
    bodyOf(client.PATCH("/api/views/{view_id}/", { ...one(id), body })),
  deleteView: (id: string) => bodyOf(client.DELETE("/api/views/{view_id}/", one(id))),
};
