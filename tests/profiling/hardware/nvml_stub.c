/* One made-up device behind the real pynvml.  It proves plumbing, never a reading.

   -DNO_ENERGY_COUNTER: a device before Volta.   -DLOST_AFTER=n: gone after n readings of its power.
   -DLOST_WHILE="file": gone for as long as that file is there.   -DCOUNTED_WATTS=w: what its counter runs at.
   -DREASONS=n: why clocks are slow.   The variables REFUSES and CODE: one call, and the error that it always answers.
   -DUSUAL_WATTS=w: the default power limit.   -DMIG: known as a part of a board.   -DBY_ADDRESS: known by its address only.
   -DOPENED="file": the process of a container's own number is there as long as that file is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef COUNTED_WATTS
#define COUNTED_WATTS 250
#endif
#ifndef USUAL_WATTS
#define USUAL_WATTS 700
#endif
/* Application clocks (2), which nobody calls throttling, and a power cap (4). */
#ifndef REASONS
#define REASONS (2 | 4)
#endif
/* What a call answers: the error in the variable CODE where REFUSES names it. */
static int answer(const char *call, int otherwise) {
    const char *refused = getenv("REFUSES");
    return refused && !strcmp(refused, call) ? atoi(getenv("CODE")) : otherwise;
}

typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } Memory;
typedef struct { unsigned int gpu, memory; } Use;
typedef struct { unsigned int pid; unsigned long long memory; unsigned int gpu, compute; } Process;
enum { OK = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15, VERSION_MISMATCH = 25 };

static int power_readings = 0;

static int is_lost(void) {
#ifdef LOST_WHILE
    return access(LOST_WHILE, F_OK) == 0;
#endif
    return 0;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

const char *nvmlErrorString(int code) { return code == GPU_IS_LOST ? "GPU is lost" : "an error"; }
int nvmlInitWithFlags(unsigned int flags) { return answer("init", OK); }
int nvmlInit_v2(void) { return answer("init", OK); }
int nvmlShutdown(void) { return OK; }
int nvmlSystemGetDriverVersion(char *text, unsigned int length) { strncpy(text, "999.1", length); return OK; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 1; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) {
    *handle = (void *)1;
    return is_lost() ? GPU_IS_LOST : OK;
}
int nvmlDeviceGetHandleByUUID(const char *uuid, void **handle) {
    *handle = (void *)2;
#if defined(MIG)
    return strcmp(uuid, "MIG-stub") ? NOT_FOUND : OK;
#elif defined(BY_ADDRESS)
    return NOT_FOUND;
#endif
    *handle = (void *)1;
    return strcmp(uuid, "GPU-stub") ? NOT_FOUND : OK;
}
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *part, void **board) {
    *board = (void *)1;
    return part == (void *)2 ? OK : NOT_FOUND;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char *bus, void **handle) {
    *handle = (void *)1;
    return strcmp(bus, "0000:17:00.0") ? NOT_FOUND : OK;
}
int nvmlDeviceGetIndex(void *handle, unsigned int *index) { *index = 3; return OK; }
int nvmlDeviceGetName(void *handle, char *text, unsigned int length) { strncpy(text, "Stub 1000", length); return OK; }

int nvmlDeviceGetMemoryInfo_v2(void *handle, Memory *memory) {
    if (memory->version != 0x02000028) return VERSION_MISMATCH;
    /* A part of a board has less memory than the board. */
    memory->total = (handle == (void *)2 ? 10ull : 80ull) << 30; memory->used = (handle == (void *)2 ? 2ull : 5ull) << 30; memory->reserved = 1ull << 30; memory->free = 74ull << 30;
    return answer("memory", OK);
}

int nvmlDeviceGetPowerUsage(void *handle, unsigned int *milliwatts) {
    *milliwatts = 250000;
#ifdef LOST_AFTER
    if (++power_readings > LOST_AFTER) return GPU_IS_LOST;
#endif
    if (handle == (void *)2) return NOT_SUPPORTED;
    return answer("power", is_lost() ? GPU_IS_LOST : OK);
}

int nvmlDeviceGetTotalEnergyConsumption(void *handle, unsigned long long *millijoules) {
#ifdef NO_ENERGY_COUNTER
    return NOT_SUPPORTED;
#endif
    *millijoules = (unsigned long long)(seconds() * COUNTED_WATTS * 1000);
    return answer("energy", OK);
}

int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned int *milliwatts) { *milliwatts = 700000; return OK; }
int nvmlDeviceGetPowerManagementDefaultLimit(void *handle, unsigned int *milliwatts) {
    *milliwatts = USUAL_WATTS * 1000;
    return OK;
}
int nvmlDeviceGetEccMode(void *handle, unsigned int *now, unsigned int *later) { *now = *later = 1; return OK; }
int nvmlDeviceGetPersistenceMode(void *handle, unsigned int *mode) { *mode = 1; return OK; }
int nvmlDeviceGetClockInfo(void *handle, unsigned int kind, unsigned int *mhz) {
    *mhz = kind == 2 ? 2619 : 1980;
    return answer("clock", OK);
}
int nvmlDeviceGetTemperature(void *handle, unsigned int kind, unsigned int *celsius) {
    *celsius = 64;
    return answer("temperature", OK);
}
int nvmlDeviceGetUtilizationRates(void *handle, Use *use) {
    *use = (Use){ .gpu = 45, .memory = 20 };
    return answer("use", OK);
}
int nvmlDeviceGetCurrentClocksEventReasons(void *handle, unsigned long long *reasons) {
    *reasons = REASONS;
    return answer("reason", OK);
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned int *count, Process *processes) {
    unsigned int found = 2;
#ifdef OPENED
    if (access(OPENED, F_OK) == 0) found = 3;
#endif
    if (*count < found || !processes) { *count = found; return INSUFFICIENT_SIZE; }
    *count = found;
    processes[0] = (Process){ .pid = 1, .memory = 3ull << 30 };
    processes[1] = (Process){ .pid = 4000001, .memory = 1ull << 30 };
    if (found == 3) processes[2] = (Process){ .pid = 4000002, .memory = 1ull << 30 };
    return answer("processes", OK);
}
