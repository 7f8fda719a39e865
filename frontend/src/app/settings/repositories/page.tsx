import type { Metadata } from "next";
import { RepositorySettings } from "@/components/settings/repositories/repository-settings";

export const metadata: Metadata = { title: "Repositories" };

export default function RepositorySettingsPage() {
  return <RepositorySettings />;
}
