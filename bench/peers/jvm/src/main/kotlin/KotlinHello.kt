import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield

/** Start-up: one coroutine that yields once and prints. */
object KotlinHello {
    @JvmStatic
    fun main(args: Array<String>) = runBlocking {
        yield()
        println("hello")
    }
}
