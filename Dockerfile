# docker build -t tutti . && docker run -p 127.0.0.1:8000:8000 -e TUTTI_ACCESS=open -v tutti:/data tutti

# 1. The document pages, the only part that needs Node.js.
FROM node:24-slim AS editor
WORKDIR /build/webapp/editor
COPY webapp/editor/package.json webapp/editor/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY docs/guide /build/docs/guide
COPY webapp /build/webapp
RUN npm run build

# 2. The WAR, unpacked: an AOT cache holds classes from jars on the class path, not from jars within a WAR.
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
# Building the launcher alone, which imports only the JDK, fetches all dependencies of the build. This layer changes only with these files.
COPY pom.xml ./
COPY .mvn .mvn
COPY src/build src/build
COPY src/main/java/dev/tutti/launcher src/main/java/dev/tutti/launcher
RUN mkdir webapp && mvn -B -q package -DskipTests -Dskip.editor
COPY src/main src/main
COPY webapp webapp
COPY --from=editor /build/target/editor target/editor
RUN mvn -B -q package -DskipTests -Dskip.editor
WORKDIR /opt/tutti
# The class path is explicit: the order of "lib/*" depends on the file system, and the cache needs the same order.
RUN mkdir lib webapp \
    && cd webapp && jar --extract --file /build/target/tutti.war \
    && mv WEB-INF/lib/*.jar WEB-INF/lib-standalone/*.jar ../lib/ && rm -r WEB-INF META-INF dev && cd .. \
    && printf -- '-Dtutti.webapp=%s\n-cp\n%s\n' "$PWD/webapp" "$(ls "$PWD"/lib/*.jar | paste -sd:)" > options

# 3. Java with the modules that the libraries need, and jcmd and Flight Recorder for diagnosis. JAVA_TOOL_OPTIONS can override
# these options. The heap takes 60 % of the container's memory; threads, code and network buffers need the rest. UseCompressedOops
# caps the heap at 32 GB on a host without a limit: the cache does not fit a larger heap.
FROM eclipse-temurin:25-jdk AS java
RUN jlink --output /opt/java --no-header-files --no-man-pages --strip-java-debug-attributes --compress zip-0 \
    --add-modules java.base,java.management,java.naming,java.net.http,java.security.jgss,java.sql,jdk.jcmd,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs \
    --add-options "-XX:MaxRAMPercentage=60 -XX:+UseCompressedOops -XX:-UsePerfData"

# 4. The image, and the cache, which is made in place because it records the paths and times of the jars.
FROM debian:13-slim
ENV PATH=/opt/java/bin:$PATH LANG=C.UTF-8
COPY --from=java /opt/java /opt/java
COPY --from=build /opt/tutti /opt/tutti
COPY src/main/docker/healthy src/main/docker/warm-up /usr/local/bin/
WORKDIR /opt/tutti
RUN TUTTI_DATA=/tmp/data warm-up /opt/tutti/tutti.aot @options && rm -r /tmp/data && install -d -o 10001 -g 10001 /data
# The network of the container decides who reaches the port, and TUTTI_ACCESS who gets in.
ENV TUTTI_DATA=/data TUTTI_HOST=0.0.0.0
VOLUME /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s --start-period=10s CMD ["healthy"]
ENTRYPOINT ["java", "-XX:AOTCache=/opt/tutti/tutti.aot", "@/opt/tutti/options", "dev.tutti.standalone.Main"]
