import { SettingsOverview } from "@/components/settings/overview";

export default function SettingsPage() {
  return <SettingsOverview />;
}
