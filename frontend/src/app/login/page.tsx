import { Suspense } from "react";
import { PageFallback } from "@/components/page-fallback";
import { SignIn } from "@/components/sign-in";

export default function SignInPage() {
  return (
    <Suspense fallback={<PageFallback />}>
      <SignIn />
    </Suspense>
  );
}
