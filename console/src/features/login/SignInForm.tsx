import { type FormEvent, type KeyboardEvent, useEffect, useId, useState } from "react";
import { asApiError } from "@/api/errors";
import { signIn } from "@/api/session";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/fields";
import { useNow } from "@/ui/now";

/** E-mail and password. Says what is wrong without saying whether the e-mail exists. */
export function SignInForm({ email: known = "", onDone }: { email?: string; onDone: () => void }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const wait = useWait();
  const alert = useId();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || wait.seconds > 0) return;
    if (!email.trim() || !password) {
      setProblem(strings.login.missing);
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await signIn(email.trim(), password);
      onDone();
    } catch (error) {
      const known = asApiError(error);
      if (known?.status === 429) wait.start(known.retryAfter ?? 60);
      else setProblem(explain(known?.status ?? 0, known?.message));
      setBusy(false);
    }
  };

  const seeCaps = (event: KeyboardEvent) => setCaps(event.getModifierState?.("CapsLock") ?? false);
  const message = wait.seconds > 0 ? strings.login.wait(wait.seconds) : problem;

  return (
    <form
      onSubmit={(event) => void submit(event)}
      aria-describedby={message ? alert : undefined}
      className="flex flex-col gap-4"
      noValidate
    >
      <Field label={strings.login.email}>
        {(wiring) => (
          <TextInput
            {...wiring}
            type="email"
            name="email"
            autoComplete="username"
            autoFocus={known === ""}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label={strings.login.password} help={caps ? strings.login.caps : undefined}>
        {(wiring) => (
          <div className="relative">
            <TextInput
              {...wiring}
              type={shown ? "text" : "password"}
              name="password"
              autoComplete="current-password"
              autoFocus={known !== ""}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              onKeyUp={seeCaps}
              onKeyDown={seeCaps}
              className="pr-16"
            />
            <button
              type="button"
              aria-pressed={shown}
              aria-label={`${shown ? strings.login.hide : strings.login.show} ${strings.login.password.toLowerCase()}`}
              onClick={() => setShown(!shown)}
              className="absolute inset-y-0 right-0 px-3 text-xs text-muted hover:text-text"
            >
              {shown ? strings.login.hide : strings.login.show}
            </button>
          </div>
        )}
      </Field>
      {message ? (
        <p id={alert} role="alert" className="text-sm text-bad text-pretty">
          {message}
        </p>
      ) : null}
      <Button type="submit" look="needed" size="large" busy={busy} disabled={wait.seconds > 0}>
        {strings.login.submit}
      </Button>
    </form>
  );
}

function explain(status: number, message?: string): string {
  if (status === 401) return strings.login.wrong;
  if (status === 503 && /configured/i.test(message ?? "")) return strings.login.notConfigured;
  if (status === 0 || status >= 500) return strings.login.unreachable;
  return message ?? strings.login.unreachable;
}

/** Counts down the seconds that the server asked to wait. */
function useWait(): { seconds: number; start: (seconds: number) => void } {
  const now = useNow();
  const [until, setUntil] = useState(0);
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  useEffect(() => {
    if (until > 0 && seconds === 0) setUntil(0);
  }, [until, seconds]);
  return { seconds, start: (wait) => setUntil(Date.now() + wait * 1_000) };
}
