//! Modules that others make, by the directives that configurations in the field use. wsgate runs none of them: their
//! directives are refused, each with what to do instead.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// A module whose directives, sections first, are all refused for one reason. Where they may stand and how many
/// arguments they take is their maker's matter.
macro_rules! refused {
    ($name:literal, $identifier:literal, $file:literal, $why:literal; $([$($section:literal)*])? $($row:ident)*) => {
        Module {
            name: $name,
            identifier: $identifier,
            file: $file,
            maker: Maker::ThirdParty,
            implemented: false,
            rows: &[
                $($(Row::refused($section, Contexts::ANYWHERE, Arity::Block, $why),)*)?
                $(Row::refused(stringify!($row), Contexts::ANYWHERE, Arity::Raw, $why),)*
            ],
        }
    };
}

/// All of them.
pub const MODULES: &[Module] = &[
    refused!(
        "mod_auth_cas", "auth_cas_module", "mod_auth_cas.c",
        "wsgate speaks no CAS; put an authenticating proxy in front, or let the backend log users in";
        CASAuthoritative CASCacheCleanInterval CASCertificatePath CASCookie CASCookieDomain CASCookieEntropy
        CASCookieHttpOnly CASCookiePath CASCookieSameSite CASCookieSecure CASDebug CASGatewayCookie
        CASGatewayCookieDomain CASIdleTimeout CASLoginURL CASPreserveTicket CASProxyValidateURL
        CASRootProxiedAs CASScope CASScrubRequestHeaders CASSecureCookie CASTimeout CASValidateDepth
        CASValidateSAML CASValidateURL CASVersion
    ),
    refused!(
        "mod_auth_gssapi", "auth_gssapi_module", "mod_auth_gssapi.c",
        "wsgate speaks no Kerberos; use AuthType Basic over TLS, or let the backend log users in";
        GssapiAcceptorName GssapiAllowedMech GssapiBasicAuth GssapiBasicAuthMech GssapiBasicTicketTimeout
        GssapiConnectionBound GssapiCredStore GssapiDelegCcacheDir GssapiDelegCcacheEnvVar
        GssapiDelegCcachePerms GssapiDelegCcacheUnique GssapiImpersonate GssapiLocalName GssapiNameAttributes
        GssapiNegotiateOnce GssapiPublishErrors GssapiPublishMech GssapiRequiredNameAttributes
        GssapiSessionKey GssapiSignalPersistentAuth GssapiSSLonly GssapiUseS4U2Proxy GssapiUseSessions
    ),
    refused!(
        "mod_auth_kerb", "auth_kerb_module", "mod_auth_kerb.c",
        "wsgate speaks no Kerberos; use AuthType Basic over TLS, or let the backend log users in";
        Krb4Srvtab Krb5Keytab KrbAuthoritative KrbAuthRealm KrbAuthRealms KrbConstrainedDelegation
        KrbConstrainedDelegationLock KrbDelegateBasic KrbLocalUserMapping KrbMethodK4Passwd KrbMethodK5Passwd
        KrbMethodNegotiate KrbSaveCredentials KrbServiceName KrbVerifyKDC
    ),
    refused!(
        "mod_auth_mellon", "auth_mellon_module", "mod_auth_mellon.c",
        "wsgate speaks no SAML; put an authenticating proxy in front, or let the backend log users in";
        MellonCacheEntrySize MellonCacheSize MellonCond MellonCookieDomain MellonCookiePath
        MellonCookieSameSite MellonDecoder MellonDefaultLoginPath MellonDiagnosticsEnable
        MellonDiagnosticsFile MellonDiscoveryURL MellonEnable MellonEndpointPath MellonEnvPrefix MellonIdP
        MellonIdPCAFile MellonIdPIgnore MellonIdPMetadataFile MellonIdPMetadataGlob MellonIdPPublicKeyFile
        MellonLockFile MellonMergeEnvVars MellonNoCookieErrorPage MellonNoSuccessErrorPage
        MellonOrganizationDisplayName MellonOrganizationName MellonOrganizationURL MellonPostCount
        MellonPostDirectory MellonPostReplay MellonPostSize MellonPostTTL MellonProbeDiscoveryIdP
        MellonProbeDiscoveryTimeout MellonRequire MellonSamlResponseDump MellonSecureCookie MellonSessionDump
        MellonSessionIdleTimeout MellonSessionLength MellonSetEnv MellonSetEnvNoPrefix MellonSignatureMethod
        MellonSPCertFile MellonSPentityId MellonSPMetadataFile MellonSPPrivateKeyFile
        MellonSubjectConfirmationDataAddressCheck MellonUser MellonVariable
    ),
    refused!(
        "mod_auth_ntlm_winbind", "auth_ntlm_winbind_module", "mod_auth_ntlm_winbind.c",
        "wsgate speaks no NTLM; use AuthType Basic over TLS, or let the backend log users in";
        NegotiateAuth NegotiateAuthHelper NTLMAuth NTLMAuthHelper NTLMBasicAuth NTLMBasicAuthoritative
        NTLMBasicRealm PlaintextAuthHelper
    ),
    refused!(
        "mod_auth_openidc", "auth_openidc_module", "mod_auth_openidc.c",
        "wsgate speaks no OpenID Connect; put an authenticating proxy such as oauth2-proxy in front, or let the \
         backend log users in";
        OIDCAuthNHeader OIDCAuthRequestParams OIDCBlackListedClaims OIDCCABundlePath OIDCCacheDir
        OIDCCacheEncrypt OIDCCacheFileCleanInterval OIDCCacheShmEntrySizeMax OIDCCacheShmMax OIDCCacheType
        OIDCClaimDelimiter OIDCClaimPrefix OIDCClientContact OIDCClientID OIDCClientJwksUri OIDCClientName
        OIDCClientSecret OIDCClientTokenEndpointCert OIDCClientTokenEndpointKey OIDCCookie OIDCCookieDomain
        OIDCCookieHTTPOnly OIDCCookiePath OIDCCookieSameSite OIDCCryptoPassphrase OIDCDefaultLoggedOutURL
        OIDCDefaultURL OIDCDiscoverURL OIDCDPoPMode OIDCFilterClaimsExpr OIDCHTMLErrorTemplate
        OIDCHTTPTimeoutLong OIDCHTTPTimeoutShort OIDCIDTokenIatSlack OIDCInfoHook OIDCJWKSRefreshInterval
        OIDCMemCacheServers OIDCMetadataDir OIDCMetricsData OIDCMetricsPublish OIDCOAuthAcceptTokenAs
        OIDCOAuthClientID OIDCOAuthClientSecret OIDCOAuthIntrospectionEndpoint
        OIDCOAuthIntrospectionEndpointAuth OIDCOAuthIntrospectionEndpointMethod
        OIDCOAuthIntrospectionEndpointParams OIDCOAuthRemoteUserClaim OIDCOAuthServerMetadataURL
        OIDCOAuthSSLValidateServer OIDCOAuthTokenExpiryClaim OIDCOAuthVerifyAudience OIDCOAuthVerifyCertFiles
        OIDCOAuthVerifyIssuer OIDCOAuthVerifyJwksUri OIDCOAuthVerifySharedKeys OIDCOutgoingProxy
        OIDCPassAccessToken OIDCPassClaimsAs OIDCPassCookies OIDCPassIDTokenAs OIDCPassRefreshToken
        OIDCPassUserInfoAs OIDCPathAuthRequestParams OIDCPathScope OIDCPKCEMethod OIDCPreservePost
        OIDCPreservePostTemplates OIDCPrivateKeyFiles OIDCProfile OIDCProviderAuthorizationEndpoint
        OIDCProviderAuthRequestMethod OIDCProviderBackChannelLogoutSupported OIDCProviderCheckSessionIFrame
        OIDCProviderEndSessionEndpoint OIDCProviderIssuer OIDCProviderJwksUri
        OIDCProviderMetadataRefreshInterval OIDCProviderMetadataURL OIDCProviderRevocationEndpoint
        OIDCProviderTokenEndpoint OIDCProviderTokenEndpointAuth OIDCProviderTokenEndpointParams
        OIDCProviderUserInfoEndpoint OIDCProviderVerifyCertFiles OIDCPublicKeyFiles OIDCRedirectURI
        OIDCRedirectURLsAllowed OIDCRedisCacheDatabase OIDCRedisCachePassword OIDCRedisCacheServer
        OIDCRedisCacheUsername OIDCRefreshAccessTokenBeforeExpiry OIDCRemoteUserClaim OIDCRequestObject
        OIDCResponseMode OIDCResponseType OIDCScope OIDCSessionCacheFallbackToCookie
        OIDCSessionCookieChunkSize OIDCSessionInactivityTimeout OIDCSessionMaxDuration OIDCSessionType
        OIDCSSLValidateServer OIDCStateCookiePrefix OIDCStateInputHeaders OIDCStateMaxNumberOfCookies
        OIDCStateTimeout OIDCStripCookies OIDCTokenBindingPolicy OIDCTraceParent OIDCUnAuthAction
        OIDCUnAutzAction OIDCUserInfoClaimsExpr OIDCUserInfoRefreshInterval OIDCUserInfoTokenMethod
        OIDCValidateIssuer OIDCWhiteListedClaims OIDCXForwardedHeaders
    ),
    refused!(
        "mod_authnz_external", "authnz_external_module", "mod_authnz_external.c",
        "wsgate asks no external programs; use AuthType Basic with an AuthUserFile, or let the backend log users in";
        AddExternalAuth AddExternalGroup AuthExternal AuthExternalContext AuthExternalGroupsAtOnce
        AuthExternalProvideCache DefineExternalAuth DefineExternalGroup GroupExternal GroupExternalAuthNCheck
        GroupExternalManyAtOnce SetExternalAuthMethod SetExternalGroupMethod
    ),
    refused!(
        "mod_authnz_pam", "authnz_pam_module", "mod_authnz_pam.c",
        "wsgate asks no PAM; use AuthType Basic with an AuthUserFile, or let the backend log users in";
        AuthPAMExpiredRedirect AuthPAMService
    ),
    refused!(
        "mod_cloudflare", "cloudflare_module", "mod_cloudflare.c",
        "use RemoteIPHeader CF-Connecting-IP with RemoteIPTrustedProxyList, and Require ip to let no one else in";
        CloudFlareRemoteIPHeader CloudFlareRemoteIPTrustedProxy DenyAllButCloudFlare
    ),
    refused!(
        "mod_evasive", "evasive20_module", "mod_evasive20.c",
        "wsgate bars no clients for the number of their requests; use a firewall, or fail2ban on the access log";
        DOSBlockingPeriod DOSEmailNotify DOSHashTableSize DOSLogDir DOSPageCount DOSPageInterval DOSSiteCount
        DOSSiteInterval DOSSystemCommand DOSWhitelist
    ),
    refused!(
        "mod_fcgid", "fcgid_module", "mod_fcgid.c",
        "wsgate speaks no FastCGI; put the application behind an HTTP server and use ProxyPass";
        FcgidAccessChecker FcgidAccessCheckerAuthoritative FcgidAuthenticator FcgidAuthenticatorAuthoritative
        FcgidAuthorizer FcgidAuthorizerAuthoritative FcgidBusyScanInterval FcgidBusyTimeout FcgidCmdOptions
        FcgidConnectTimeout FcgidErrorScanInterval FcgidFixPathinfo FcgidIdleScanInterval FcgidIdleTimeout
        FcgidInitialEnv FcgidIOTimeout FcgidIPCDir FcgidMaxProcesses FcgidMaxProcessesPerClass
        FcgidMaxRequestInMem FcgidMaxRequestLen FcgidMaxRequestsPerProcess FcgidMinProcessesPerClass
        FcgidOutputBufferSize FcgidPassHeader FcgidProcessLifeTime FcgidProcessTableFile FcgidSpawnScore
        FcgidSpawnScoreUpLimit FcgidTerminationScore FcgidTimeScore FcgidWrapper FcgidZombieScanInterval
        FCGIWrapper
    ),
    refused!(
        "mod_geoip", "geoip_module", "mod_geoip.c",
        "wsgate knows no countries of addresses; let the backend look them up";
        GeoIPDBFile GeoIPEnable GeoIPEnableUTF8 GeoIPOutput GeoIPScanProxyHeaderField GeoIPScanProxyHeaders
        GeoIPUseFirstNonPrivateXForwardedForIP GeoIPUseFirstXForwardedForIP GeoIPUseLastXForwardedForIP
    ),
    refused!(
        "mod_intercept_form_submit", "intercept_form_submit_module", "mod_intercept_form_submit.c",
        "wsgate reads no login forms; let the backend log users in";
        InterceptFormClearRemoteUserForSkipped InterceptFormLogin InterceptFormLoginRealms
        InterceptFormLoginSkip InterceptFormPAMService InterceptFormPassword InterceptFormPasswordRedact
        InterceptGETOnSuccess
    ),
    refused!(
        "mod_jk", "jk_module", "mod_jk.c",
        "wsgate speaks no AJP; use Tomcat's HTTP connector and ProxyPass";
        JkAutoAlias JkCERTCHAINPrefix JkCERTSIndicator JkCIPHERIndicator JkEnvVar JkExtractSSL
        JkHTTPSIndicator JkKEYSIZEIndicator JkLogFile JkLogLevel JkLogStampFormat JkMount JkMountCopy
        JkMountFile JkMountFileReload JkOptions JkRequestLogFormat JkSESSIONIndicator JkShmFile JkShmSize
        JkStripSession JkUnMount JkWatchdogInterval JkWorkerIndicator JkWorkerProperty JkWorkersFile
    ),
    refused!(
        "mod_lookup_identity", "lookup_identity_module", "mod_lookup_identity.c",
        "wsgate looks nothing up about users; let the backend do it";
        LookupDbusTimeout LookupOutput LookupOutputGroups LookupUserAttr LookupUserAttrIter
        LookupUserByCertificate LookupUserByCertificateParamName LookupUserGECOS LookupUserGroups
        LookupUserGroupsIter
    ),
    refused!(
        "mod_maxminddb", "maxminddb_module", "mod_maxminddb.c",
        "wsgate knows no countries of addresses; let the backend look them up";
        MaxMindDBEnable MaxMindDBEnv MaxMindDBFile MaxMindDBNetworkEnv MaxMindDBSetNotes
    ),
    refused!(
        "mod_pagespeed", "pagespeed_module", "mod_pagespeed.cc",
        "wsgate does not rewrite pages";
        ["<ModPagespeedIf>"]
        ModPagespeed ModPagespeedAllow ModPagespeedDisableFilters ModPagespeedDisallow ModPagespeedDomain
        ModPagespeedEnableFilters ModPagespeedFetchHttps ModPagespeedFileCacheInodeLimit
        ModPagespeedFileCachePath ModPagespeedFileCacheSizeKb ModPagespeedForbidFilters
        ModPagespeedInheritVHostConfig ModPagespeedLoadFromFile ModPagespeedLogDir ModPagespeedMapOriginDomain
        ModPagespeedMapRewriteDomain ModPagespeedMessageBufferSize ModPagespeedRewriteLevel
        ModPagespeedStatistics ModPagespeedStatisticsLogging
    ),
    refused!(
        "mod_passenger", "passenger_module", "mod_passenger.c",
        "wsgate starts no applications; start it by itself, such as by passenger start, and use ProxyPass";
        PassengerAllowEncodedSlashes PassengerAppEnv PassengerAppGroupName PassengerAppRoot
        PassengerAppStartCommand PassengerAppType PassengerBaseURI PassengerBufferResponse
        PassengerBufferUpload PassengerCtl PassengerDataBufferDir PassengerDebugLogFile PassengerDefaultGroup
        PassengerDefaultRuby PassengerDefaultUser PassengerDisableSecurityUpdateCheck PassengerEnabled
        PassengerErrorOverride PassengerForceMaxConcurrentRequestsPerProcess PassengerFriendlyErrorPages
        PassengerGroup PassengerHighPerformance PassengerInstanceRegistryDir PassengerLoadShellEnvvars
        PassengerLogFile PassengerLogLevel PassengerMaxInstances PassengerMaxInstancesPerApp
        PassengerMaxPoolSize PassengerMaxPreloaderIdleTime PassengerMaxRequestQueueSize PassengerMaxRequests
        PassengerMaxRequestTime PassengerMeteorAppSettings PassengerMinInstances PassengerNodejs
        PassengerPoolIdleTime PassengerPreStart PassengerPython PassengerRestartDir PassengerRoot
        PassengerRuby PassengerShowVersionInHeader PassengerSocketBacklog PassengerSpawnMethod
        PassengerStartTimeout PassengerStartupFile PassengerStatThrottleRate PassengerStickySessions
        PassengerStickySessionsCookieName PassengerTurbocaching PassengerUser PassengerUserSwitching
        RackBaseURI RackEnv RailsBaseURI RailsEnv RailsRuby RailsSpawnMethod
    ),
    refused!(
        "mod_perl", "perl_module", "mod_perl.c",
        "wsgate runs no Perl; run the application under an HTTP server such as Starman and use ProxyPass";
        ["<Perl>"]
        Perl PerlAccessHandler PerlAddAuthnProvider PerlAddAuthzProvider PerlAddVar PerlAuthenHandler
        PerlAuthzHandler PerlChildExitHandler PerlChildInitHandler PerlCleanupHandler PerlConfigRequire
        PerlFixupHandler PerlHandler PerlHeaderParserHandler PerlInitHandler PerlInputFilterHandler
        PerlInterpMax PerlInterpMaxRequests PerlInterpMaxSpare PerlInterpMinSpare PerlInterpStart
        PerlLoadModule PerlLogHandler PerlMapToStorageHandler PerlModule PerlOpenLogsHandler PerlOptions
        PerlOutputFilterHandler PerlPassEnv PerlPostConfigHandler PerlPostConfigRequire
        PerlPostReadRequestHandler PerlPreConnectionHandler PerlProcessConnectionHandler PerlRequire
        PerlResponseHandler PerlSendHeader PerlSetEnv PerlSetInputFilter PerlSetOutputFilter PerlSetupEnv
        PerlSetVar PerlSwitches PerlTaintCheck PerlTrace PerlTransHandler PerlTypeHandler PerlWarn
    ),
    refused!(
        "mod_php", "php_module", "mod_php.c",
        "wsgate runs no PHP; put it behind an HTTP server and use ProxyPass";
        php_admin_flag php_admin_value php_flag php_value PHPINIDir
    ),
    refused!("mod_php7", "php7_module", "mod_php7.c", "";),
    refused!("mod_php5", "php5_module", "mod_php5.c", "";),
    refused!(
        "mod_qos", "qos_module", "mod_qos.c",
        "wsgate bars no clients for the number of their requests; use a firewall, or a rate-limiting proxy in front";
        QS_ClientEntries QS_ClientEventBlockCount QS_ClientEventLimitCount QS_ClientEventPerSecLimit
        QS_ClientEventRequestLimit QS_ClientIpFromHeader QS_ClientPrefer QS_ClientSerialize QS_ClientTolerance
        QS_CondClientEventLimitCount QS_CondEventLimitCount QS_CondLocRequestLimitMatch QS_DenyBody
        QS_DenyEvent QS_DenyInheritanceOff QS_DenyPath QS_DenyQuery QS_DenyRequestLine QS_DisableHandler
        QS_ErrorPage QS_ErrorResponseCode QS_EventCount QS_EventKBytesPerSecLimit QS_EventLimitCount
        QS_EventPerSecLimit QS_EventRequestLimit QS_InvalidUrlEncoding QS_LimitRequestBody
        QS_LocKBytesPerSecLimit QS_LocKBytesPerSecLimitMatch QS_LocRequestLimit QS_LocRequestLimitDefault
        QS_LocRequestLimitMatch QS_LocRequestPerSecLimit QS_LocRequestPerSecLimitMatch QS_LogEnv QS_LogOnly
        QS_MaxClients QS_MileStone QS_PermitUri QS_RedirectIf QS_RequestHeaderFilter
        QS_RequestHeaderFilterRule QS_ResponseHeaderFilter QS_ResponseHeaderFilterRule QS_SemMemFile
        QS_SessionCookieName QS_SessionCookiePath QS_SessionKey QS_SessionTimeout QS_SetEnv QS_SetEnvIf
        QS_SetEnvIfQuery QS_SetEnvIfStatus QS_SetEnvRes QS_SetReqHeader QS_SrvMaxConn QS_SrvMaxConnClose
        QS_SrvMaxConnExcludeIP QS_SrvMaxConnPerIP QS_SrvMinDataRate QS_SrvRequestRate QS_SrvSampleRate
        QS_SrvSerialize QS_SupportIPv6 QS_UnsetReqHeader QS_UnsetResHeader QS_UserTrackingCookieName
        QS_VipHeaderName QS_VipIPHeaderName QS_VipIpUser QS_VipUser
    ),
    refused!(
        "mod_security2", "security2_module", "mod_security2.c",
        "wsgate is no web application firewall; put one in front, or behind";
        SecAction SecArgumentSeparator SecArgumentsLimit SecAuditEngine SecAuditLog SecAuditLog2
        SecAuditLogDirMode SecAuditLogFileMode SecAuditLogFormat SecAuditLogParts SecAuditLogRelevantStatus
        SecAuditLogStorageDir SecAuditLogType SecCacheTransformations SecChrootDir SecCollectionTimeout
        SecComponentSignature SecConnEngine SecConnReadStateLimit SecConnWriteStateLimit SecContentInjection
        SecCookieFormat SecCookiev0Separator SecDataDir SecDebugLog SecDebugLogLevel SecDefaultAction
        SecDisableBackendCompression SecGeoLookupDB SecGsbLookupDB SecGuardianLog SecHashEngine SecHashKey
        SecHashMethodPm SecHashMethodRx SecHashParam SecHttpBlKey SecInterceptOnError SecMarker
        SecPcreMatchLimit SecPcreMatchLimitRecursion SecReadStateLimit SecRemoteRules SecRemoteRulesFailAction
        SecRequestBodyAccess SecRequestBodyInMemoryLimit SecRequestBodyJsonDepthLimit SecRequestBodyLimit
        SecRequestBodyLimitAction SecRequestBodyNoFilesLimit SecRequestEncoding SecResponseBodyAccess
        SecResponseBodyLimit SecResponseBodyLimitAction SecResponseBodyMimeType SecResponseBodyMimeTypesClear
        SecRule SecRuleEngine SecRuleInheritance SecRulePerfTime SecRuleRemoveById SecRuleRemoveByMsg
        SecRuleRemoveByTag SecRuleScript SecRuleUpdateActionById SecRuleUpdateTargetById
        SecRuleUpdateTargetByMsg SecRuleUpdateTargetByTag SecSensorId SecServerSignature SecStatusEngine
        SecStreamInBodyInspection SecStreamOutBodyInspection SecTmpDir SecTmpSaveUploadedFiles
        SecUnicodeCodePage SecUnicodeMapFile SecUploadDir SecUploadFileLimit SecUploadFileMode
        SecUploadKeepFiles SecWebAppId SecWriteStateLimit SecXmlExternalEntity
    ),
    refused!(
        "mod_shib", "mod_shib", "mod_shib.cpp",
        "wsgate speaks no SAML; put an authenticating proxy in front, or let the backend log users in";
        ShibAccessControl ShibApplicationId ShibBasicHijack ShibCatalogs ShibCompatValidUser ShibCompatWith24
        ShibConfig ShibDisable ShibExportAssertion ShibPrefix ShibRedirectToSSL ShibRequestMapperAuthz
        ShibRequestSetting ShibRequestUnset ShibRequireAll ShibRequireSession ShibRequireSessionWith
        ShibURLScheme ShibUseEnvironment ShibUseHeaders
    ),
    refused!(
        "mod_wsgi", "wsgi_module", "mod_wsgi.c",
        "wsgate runs no Python; run the application under an HTTP server such as gunicorn and use ProxyPass";
        WSGIAcceptMutex WSGIAccessScript WSGIApplicationGroup WSGIAuthGroupScript WSGIAuthUserScript
        WSGICallableObject WSGICaseSensitivity WSGIChunkedRequest WSGIDaemonProcess WSGIDestroyInterpreter
        WSGIDispatchScript WSGIDontWriteBytecode WSGIEnableSendfile WSGIErrorOverride WSGIGroupAuthoritative
        WSGIHandlerScript WSGIIgnoreActivity WSGIImportScript WSGILazyInitialization WSGIMapHEADToGET
        WSGIPassApacheRequest WSGIPassAuthorization WSGIProcessGroup WSGIPythonEggs WSGIPythonHashSeed
        WSGIPythonHome WSGIPythonOptimize WSGIPythonPath WSGIPythonWarnings WSGIRestrictEmbedded
        WSGIRestrictProcess WSGIRestrictSignal WSGIRestrictStdin WSGIRestrictStdout WSGIScriptAlias
        WSGIScriptAliasMatch WSGIScriptReloading WSGIServerMetrics WSGISocketPrefix WSGISocketRotation
        WSGISwitchInterval WSGITrustedProxies WSGITrustedProxyHeaders WSGIVerboseDebugging
    ),
    refused!(
        "mod_xsendfile", "xsendfile_module", "mod_xsendfile.c",
        "wsgate sends no files that a backend names; let the backend send them";
        XSendFile XSendFileIgnoreEtag XSendFileIgnoreLastModified XSendFilePath XSendFileUnescape
    ),
];
