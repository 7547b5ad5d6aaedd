// A page in the user's browser, by what the desktop has for that. No shell is asked, and the page's address is an argument of its own.
import { spawn } from 'node:child_process';

/** The part of a process of Node that is used. */
type ProcessLike = Pick<NodeJS.Process, 'env' | 'platform'>;

/**
 * The command that shows a page; null where there is no desktop. Over ssh there is none on this side: the browser that a person
 * looks at runs elsewhere.
 * @param address http or https, as `URL` writes it, so that it cannot be taken for an option
 */
export function browserCommand({ env, platform }: ProcessLike, address: string): readonly [string, ...string[]] | null {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (isSet('SSH_CONNECTION') || isSet('SSH_TTY')) return null;
  if (platform === 'darwin') return ['/usr/bin/open', address];
  if (platform === 'win32') {
    const root = env['SystemRoot'] ?? 'C:\\Windows';
    return [`${root}\\System32\\rundll32.exe`, 'url.dll,FileProtocolHandler', address];
  }
  return isSet('DISPLAY') || isSet('WAYLAND_DISPLAY') ? ['xdg-open', address] : null;
}

/** Variables that hold what a browser has no use for. */
const ours = /^(?:OS|AWS|GLANCE_CLI)_/;

/** Shows it, and does not wait. @returns false where nothing could be started */
export async function openBrowser(node: ProcessLike, page: URL): Promise<boolean> {
  const [program, ...args] = browserCommand(node, page.href) ?? [];
  if (program === undefined) return false;
  const env = Object.fromEntries(Object.entries(node.env).filter(([name]) => !ours.test(name)));
  return await new Promise((resolve) => {
    // A group of its own: Ctrl-C ends us, and not what we started.
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
