import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** PostgreSQL refuses to run as root, and `initdb` for a uid without a name: this is as whom it runs instead. */
export interface Account {
  /** For error messages. */
  label: string
  /** Put before the command. */
  prefix: readonly string[]
  /** What the started process becomes; absent: it stays as we are. */
  uid?: number
  gid?: number
  /** Who has to own the files. */
  owner: { uid: number; gid: number }
}

interface Named {
  name: string
  uid: number
  gid: number
}

const namedAccounts = (): Named[] => {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const all = lines.map(line => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
  const of = (wanted: string) => all.filter(({ name, uid }) => name === wanted && uid > 0)
  return [...of('postgres'), ...of('nobody')]
}

const ourselves = () => ({ uid: process.getuid!(), gid: process.getgid!() })

const hasName = () => {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

const asWeAre = (): Account => ({ label: 'as this user', prefix: [], owner: ourselves() })

/** Inside a user namespace we look like that account; outside, the files stay ours. */
const disguised = ({ name, uid }: Named): Account => ({
  label: `in a user namespace, as ${name}`,
  prefix: ['unshare', '--user', `--map-user=${uid}`],
  owner: ourselves(),
})

const switched = ({ name, uid, gid }: Named): Account => ({
  label: `as ${name}`,
  prefix: [],
  uid,
  gid,
  owner: { uid, gid },
})

/** Another account that keeps one right of root's, to pass through folders that are closed to it. */
const switchedButMayPass = ({ name, uid, gid }: Named): Account => ({
  label: `as ${name} with CAP_DAC_OVERRIDE`,
  prefix: [
    'setpriv',
    // Without it access(2), by which PostgreSQL looks for its own programs, forgets the right.
    '--securebits=+no_setuid_fixup',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ],
  owner: { uid, gid },
})

/** Ways to run PostgreSQL here, the best first. Data that belong to somebody stay theirs when root starts. */
const waysToRun = (dataOwner: { uid: number; gid: number } | null): Account[] => {
  if (process.getuid!() !== 0) return hasName() || dataOwner ? [asWeAre()] : namedAccounts().map(disguised)
  if (dataOwner && dataOwner.uid !== 0) {
    const owner = { name: `uid ${dataOwner.uid}, the owner of the data`, ...dataOwner }
    return [switched(owner), switchedButMayPass(owner)]
  }
  const named = namedAccounts()
  return [...named.slice(0, 1).map(disguised), ...named.map(switched), ...named.map(switchedButMayPass)]
}

/** Tries for real: the account has to write in a folder below `home` and to run `program`. Null: it can. */
const whyNot = (account: Account, home: string, program: string, env: NodeJS.ProcessEnv): string | null => {
  const folder = mkdtempSync(join(home, '.probe-'))
  try {
    chownSync(folder, account.owner.uid, account.owner.gid)
    const test = 'cd "$1" && : > file && "$2" --version >/dev/null'
    const [command, ...args] = [...account.prefix, 'sh', '-c', test, 'sh', folder, program]
    const result = spawnSync(command!, args, {
      cwd: '/',
      env,
      uid: account.uid,
      gid: account.gid,
      encoding: 'utf8',
    })
    if (result.status === 0) return null
    return (result.error?.message ?? result.stderr).trim().split('\n').at(-1) || `exit ${result.status}`
  } catch (error) {
    return (error as Error).message
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const ownerOf = (folder: string) => {
  const { uid, gid } = statSync(folder, { throwIfNoEntry: false }) ?? {}
  return uid === undefined || gid === undefined ? null : { uid, gid }
}

/**
 * Chooses as whom PostgreSQL runs: as root first in a user namespace, then as `postgres` or `nobody`; otherwise as we are.
 * @param home the folder that holds the data folder
 * @param cluster the data folder, which need not be there yet
 * @param env as PostgreSQL will get it
 * @returns the account, or why each way failed
 */
export const chooseAccount = (
  home: string,
  cluster: string,
  program: string,
  env: NodeJS.ProcessEnv,
): Account | { failures: string[] } => {
  const failures: string[] = []
  for (const account of waysToRun(ownerOf(cluster))) {
    const reason = whyNot(account, home, program, env)
    if (reason === null) return account
    failures.push(`${account.label}: ${reason}`)
  }
  return {
    failures:
      failures.length > 0 ? failures : ['this user has no name in /etc/passwd, nor is there another account'],
  }
}
