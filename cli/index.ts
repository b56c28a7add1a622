import { Command, Option } from 'commander'
import { wordsFor } from '#shared/plain-error.js'
import { VERSION } from '#shared/root.js'
import type { DemoCommand } from './demo/command.js'
import type { ImportOptions } from './import/command.js'
import type { Opened } from './open.js'
import { CommandError, note, say } from './output.js'
import type { Founder } from './staff.js'
import { addTicketCommands } from './ticket/command.js'

// Each command loads what it needs itself: one that only asks the gateway must not wait for the whole product.

/** Runs with the database open; exit code 1 when it answers false. */
const withDatabase = async (work: (opened: Opened) => Promise<boolean>): Promise<void> => {
  const { withOpsgraph } = await import('./open.js')
  if (!(await withOpsgraph(note, work))) process.exitCode = 1
}

const list = (value: string, before: string[]): string[] => [...before, value]

const program = new Command('opsgraph')
  .description(
    'Opsgraph from the command line. Settings come from the environment; see docs/guide/operate.md.',
  )
  .version(VERSION)
  .showSuggestionAfterError()
  .showHelpAfterError('(opsgraph --help tells more)')

program
  .command('import')
  .description(
    'Takes records in from NDJSON or CSV files, or a folder of them. Exits 1 when a record was rejected.',
  )
  .argument(
    '<path>',
    'a folder, or a file whose name tells what it holds: users, organizations, listings, bids, …',
  )
  .option('--source <name>', 'the system the records come from, for those that do not say', 'shop')
  .option('--kind <kind>', 'what a single file holds, when its name does not tell')
  .option('--map <theirs=ours>', 'call a column or key by our name; may be repeated', list, [])
  .option('--ignore <names>', "leave columns or keys out; '*' for all that are not known", list, [])
  .option('--encoding <name>', 'what the files are written in, when that is not UTF-8, e.g. windows-1252')
  .option('--dry-run', 'check everything, write nothing')
  .option('--restart', 'begin each file anew, whatever was imported of it before')
  .option('--rejects <file>', 'write every rejected record with line, field and reason there, as NDJSON')
  .action(async (path: string, options: ImportOptions) => {
    const { runImport } = await import('./import/command.js')
    await withDatabase(opened => runImport(path, options, opened))
  })

program
  .command('demo')
  .description('Writes a marketplace as files for import: the same for the same seed, of any size.')
  .option('--orders <number>', 'how many orders', '1000')
  .option('--seed <number>', 'another one makes another marketplace', '1')
  .option('--out <folder>', 'where to', 'demo')
  .option('--until <day>', 'the last day of it (UTC); 2026-05-01 unless said otherwise')
  .action(async (options: DemoCommand) => (await import('./demo/command.js')).runDemo(options))

program
  .command('start')
  .description('Runs Opsgraph in one process, or the part of it that SUBGRAPH names.')
  .action(async () => (await import('./start.js')).start())

program
  .command('start:distributed')
  .description('Runs Opsgraph as seven processes: the gateway and six subgraphs.')
  .action(async () => (await import('./start.js')).startDistributed())

program
  .command('staff')
  .description(
    'Takes in the first people of an installation, until it has two Super Admins; then hireStaff does.',
  )
  .argument('<email>', 'their address')
  .requiredOption('--name <name>', 'what they are called')
  .option('--subject <sub>', 'what the identity provider calls them (the `sub` of their tokens)')
  .option('--role <role...>', 'what they may do; SUPER_ADMIN when left out')
  .action(async (email: string, options: Founder) => {
    const { addFounder } = await import('./staff.js')
    await withDatabase(opened => addFounder(email, options, opened))
  })

program
  .command('token')
  .description('Prints a bearer token to be somebody of a role; in development only.')
  .argument('<role>', 'a role such as SUPPORT_AGENT, or a demo person such as stf_sam')
  .action(async (role: string) => (await import('./token.js')).runToken(role))

program
  .command('keys')
  .description('Makes the key files that are missing.')
  .argument('[folder]', 'where to; KEYS_DIR unless said otherwise')
  .action(async (folder?: string) => {
    const { createKeys } = await import('#shared/keys.js')
    const { loadConfig } = await import('#shared/config.js')
    const { keysDir, mode } = folder ? { keysDir: folder, mode: process.env.OPSGRAPH_MODE } : loadConfig()
    const made = await createKeys(keysDir, { development: mode === 'development' })
    for (const file of made) say(file)
    if (made.length === 0) note(`All key files are in ${keysDir} already`)
  })

program
  .command('migrate')
  .description('Brings the database up to date.')
  .action(() =>
    withDatabase(async () => {
      note('The database is up to date')
      return true
    }),
  )

program
  .command('verify')
  .description('Proves that the log is what was written. Exits 1 when something is wrong.')
  .action(async () => withDatabase((await import('./verify.js')).runVerify))

program
  .command('rebuild')
  .description(
    'Folds the whole log anew beside the database and compares every row. Exits 1 when one differs.',
  )
  .option('--projections', 'make the read models over many streams anew instead, in place')
  .addOption(
    new Option('--replace', 'fold everything anew in place, as some upgrades ask for').conflicts(
      'projections',
    ),
  )
  .action(async ({ projections, replace }: { projections?: boolean; replace?: boolean }) => {
    const { runRebuild, runRebuildProjections, runReplace } = await import('./rebuild/command.js')
    await withDatabase(projections ? runRebuildProjections : replace ? runReplace : runRebuild)
  })

program
  .command('generate')
  .description('Writes schema/ and the generated pages of docs/ from the code.')
  .addOption(
    new Option(
      '--check',
      'write nothing; exit 1 naming each file that is not what the code says, and what CHANGELOG.md has to say',
    ),
  )
  .action(async ({ check }: { check?: boolean }) =>
    (await import('./generate/command.js')).runGenerate(check),
  )

addTicketCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  note(wordsFor(error))
  process.exitCode = error instanceof CommandError ? error.exitCode : 1
}
