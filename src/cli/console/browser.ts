// Opens a page in the user's browser with the desktop's own command. No shell is involved, and the URL is a separate
// argument.
import { spawn } from 'node:child_process';

/** The part of a Node process that is used. */
type ProcessLike = Pick<NodeJS.Process, 'env' | 'platform'>;

/**
 * The command that opens a page; null without a desktop. Over ssh, there is none on this side: the user's browser runs
 * elsewhere.
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

/** Variables that a browser does not need, and that may hold secrets. */
const ours = /^(?:OS|AWS|GLANCE_CLI)_/;

/** Opens the page, and does not wait. @returns false if nothing could be started */
export async function openBrowser(node: ProcessLike, page: URL): Promise<boolean> {
  const [program, ...args] = browserCommand(node, page.href) ?? [];
  if (program === undefined) return false;
  const env = Object.fromEntries(Object.entries(node.env).filter(([name]) => !ours.test(name)));
  return await new Promise((resolve) => {
    // In its own process group, so that Ctrl-C ends only us.
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
