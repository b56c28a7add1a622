import { dropDatabasesOf } from '#kit/cluster.js'

interface FileResult {
  testFilePath: string
  numFailingTests: number
  testExecError?: unknown
}

/** Drops the databases of a test file as soon as it has passed; those of a failed one stay. */
export default class DatabaseReporter {
  async onTestFileResult(_test: unknown, result: FileResult): Promise<void> {
    if (result.numFailingTests > 0 || result.testExecError) return
    await dropDatabasesOf(result.testFilePath)
  }
}
