import { useQueryClient } from "@tanstack/react-query";
import { useSession, useSignInAsked } from "@/api/session";
import { SignInForm } from "@/features/login/SignInForm";
import { strings } from "@/strings";
import { Dialog } from "@/ui/Dialog";

/** Stands over the page when the session ends; the page below, with all that was typed in it, stays. */
export function SignInDialog() {
  const asked = useSignInAsked();
  const session = useSession();
  const client = useQueryClient();
  if (!asked) return null;
  return (
    <Dialog open fixed title={strings.login.again} description={strings.login.againHint}>
      <SignInForm email={session?.email} onDone={() => void client.invalidateQueries()} />
    </Dialog>
  );
}
