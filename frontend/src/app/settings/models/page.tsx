import type { Metadata } from "next";
import { ModelSettings } from "@/components/settings/models/model-settings";

export const metadata: Metadata = { title: "Models and prices" };

export default function ModelSettingsPage() {
  return <ModelSettings />;
}
