/** Signing in. */
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { signIn } from '@/api/auth';
import { ApiError } from '@/api/client';
import classes from './LoginPage.module.css';
import { queryClient } from './query-client';

const route = getRouteApi('/login');

export function LoginPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(email.trim(), password);
      queryClient.clear();
      router.history.push(next ?? '/');
    } catch (cause) {
      setError(cause instanceof ApiError ? cause.message : t`Signing in did not work. Try again.`);
      setBusy(false);
    }
  };

  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={submit} aria-labelledby="login-title">
        <span className={classes.mark} aria-hidden>
          M
        </span>
        <h1 id="login-title">
          <Trans>Sign in to Millrace</Trans>
        </h1>
        <TextInput
          label={t`E-mail`}
          type="email"
          name="email"
          autoComplete="username"
          size="sm"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t`Password`}
          name="password"
          autoComplete="current-password"
          size="sm"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div role="alert" className={classes.error}>
          {error}
        </div>
        <Button type="submit" size="sm" fullWidth loading={busy}>
          <Trans>Sign in</Trans>
        </Button>
      </form>
    </main>
  );
}
